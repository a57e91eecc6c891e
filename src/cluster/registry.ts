/**
 * What the nodes of a cluster share: who is there, which streams are wanted, who owns each. Redis (registry-redis.ts), or the
 * memory of this process (registry-memory.ts). A call is answered within a second, or rejects with registry.unreachable: then it may
 * have been carried out, or be so later.
 */
import type {
  Claim,
  Edge,
  NodeRecord,
  RegistryChange,
  RegistryReading,
  WantedStream,
} from '../core/cluster/records.js';
import type { Revocation } from '../core/guard/passes.js';

/** Why a stream is not wanted by what was asked: another pull has its key, or its name; null: it is wanted. */
export type WantRefusal = 'pull.conflict' | 'pull.nameTaken';

/** All that there is. */
export interface RegistryContents extends RegistryReading {
  /** Playback tokens by which nobody is let in any more. */
  readonly revoked: readonly Revocation[];
}

/** How a wish was answered, and by the registry of which era (RegistryView). */
export interface Wanted<Refusal> {
  readonly refusal: Refusal | null;
  readonly era: string;
}

/** Who plays at one node by a playback token that is good for so many at the same time. */
export interface TokenSeats {
  /** Of the token (core/cluster/keys.ts, `tokenKey`). */
  readonly key: string;
  readonly nodeId: string;
  readonly viewers: number;
  /** At all nodes together. */
  readonly most: number;
}

export interface Registry {
  /** False from the moment on at which a call got no answer, until one does. */
  readonly isReachable: boolean;
  read(): Promise<RegistryContents>;
  /** By key and name at once. Asked again for the same pull it is wanted again. */
  want(stream: WantedStream): Promise<Wanted<WantRefusal>>;
  /** Its name may be another one than before. */
  rewant(stream: WantedStream): Promise<'pull.notFound' | 'pull.nameTaken' | null>;
  /** Of this pull alone: it may be wanted again by now. */
  unwant(key: string, pullId: string): Promise<void>;
  /** For the time of a lease. Each announcement is told as a change: whoever is not heard of for so long is gone. Gives the era. */
  announce(node: NodeRecord): Promise<string>;
  withdraw(nodeId: string): Promise<void>;
  /**
   * Granted where there is no claim, or one of a lower epoch than `above`: its owner hands over, or the registry lost what it knew. Its
   * epoch is more than `above`, than what it replaces, than what is remembered, and than the registry's clock in ms: one that was
   * started with nothing, or with an old copy, is above what it gave before. Gives the claim that stands then: another node's where it
   * is refused. Of a node that has it already, since its first answer was lost, it is the same one, or one above `above`.
   */
  claim(wish: Omit<Claim, 'epoch'>, above: number): Promise<Claim>;
  /** Each of this owner and epoch alone, for another lease, as it is given: `shown` may be another one. False: it is no more. */
  renew(claims: readonly Claim[]): Promise<readonly boolean[]>;
  /** Of this owner and epoch alone. */
  release(claim: Pick<Claim, 'key' | 'nodeId' | 'epoch'>): Promise<void>;
  /** For the time of a lease. */
  follow(edges: readonly Edge[]): Promise<void>;
  unfollow(key: string, nodeId: string): Promise<void>;
  /** For so long, ms: no token of this name is good any more then. */
  revoke(revocation: Revocation, forMs: number): Promise<void>;
  /** What is revoked from now on, by whichever node; some may be missed. */
  onRevoked(listener: (revocation: Revocation) => void): void;
  /** A token that is good for one time, by its key. False: it has been used. Known for so long, ms. */
  useToken(key: string, forMs: number): Promise<boolean>;
  /** False: with those at other nodes that are there they would be more than `most`; then all is as before. */
  takeSeats(seats: TokenSeats): Promise<boolean>;
  /** Of one node, as they are now, whatever others have. */
  keepSeats(nodeId: string, all: readonly TokenSeats[]): Promise<void>;
  /** That node died while it had this stream. Whoever reports it again changes nothing. */
  reportDeath(key: string, nodeId: string): Promise<void>;
  /** What it does where its memory is full (`maxmemory-policy` of Redis); null: it does not say. */
  evictionPolicy(): Promise<string | null>;
  /**
   * What changes from now on, by whomever, this node included; some changes may be missed. That a lease has ended is no change:
   * nobody tells of it.
   */
  onChange(listener: (change: RegistryChange) => void): void;
  /** It can be asked, and changes are heard, of which some may have been missed: time to read all. */
  onGap(listener: () => void): void;
  close(): Promise<void>;
}

/** Of a stream that node after node died with, the last of them. */
export const deadKept = 16;

/** How long the viewers by a token are known after they were told last. */
export const seatsKeptMs = 180_000;

/** How long the epoch of a stream is known after its last claim. */
export const epochKeptMs = 86_400_000;
