/**
 * What the nodes of a cluster share: who is there, which streams are wanted, who owns each. Redis (registry-redis.ts), or the
 * memory of this process. Every call rejects with registry.unreachable where it gets no answer in time, and may have been carried out.
 */
import type { Claim, Edge, NodeRecord, RegistryChange, RegistryView, WantedStream } from '../core/cluster/records.js';

export interface Registry {
  /** False from the moment on at which a call got no answer, until one does. */
  readonly isReachable: boolean;
  /** All that there is. */
  read(): Promise<RegistryView>;
  /** False: a stream of this key, or of this name, is wanted already. */
  want(stream: WantedStream): Promise<boolean>;
  /** Its name may be another one than before. False: it is not wanted, or its name is taken. */
  rewant(stream: WantedStream): Promise<boolean>;
  unwant(key: string): Promise<void>;
  /** For the time of a lease. */
  announce(node: NodeRecord): Promise<void>;
  withdraw(nodeId: string): Promise<void>;
  /** `above`: the highest epoch of this stream that is known. Gives the claim as it is granted; null: another has it. */
  claim(wish: Omit<Claim, 'epoch'>, above: number): Promise<Claim | null>;
  /** Of this owner and epoch alone, for another lease. False: it is not its claim any more. */
  renew(claim: Claim): Promise<boolean>;
  /** Of this owner and epoch alone. */
  release(claim: Claim): Promise<void>;
  /** For the time of a lease. */
  follow(edge: Edge): Promise<void>;
  unfollow(key: string, nodeId: string): Promise<void>;
  /** What changes from now on, by whomever; some changes may be missed. */
  onChange(listener: (change: RegistryChange) => void): void;
  close(): Promise<void>;
}
