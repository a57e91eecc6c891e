/**
 * What a node knows and tells of its cluster: what REST, the console, metrics, the log and an orderly end are made of. Types only;
 * the driver (node.ts) is what has it.
 */
import type { Quarantine } from '../core/cluster/member.js';
import type { RegistryView } from '../core/cluster/records.js';

export interface ClusterState {
  /** Of this node, as others see it. */
  readonly nodeId: string;
  /** `cluster.node`. */
  readonly name: string;
  /** By which viewers reach this node by HTTP, without a slash behind it: what it answers with may name it. */
  readonly httpUrl: string;
  /** All that this node knows now: what it read last, with what it was told since, and what is its own. */
  view(): RegistryView;
  /** The streams that this node pulls from their sources. */
  held(): readonly HeldStream[];
  /** The streams that nobody is to pull now, since nodes died of them: by key; as of the monotonic clock. */
  quarantined(): ReadonlyMap<string, Quarantine>;
  /** Since when the registry gives no answer, in ms of the monotonic clock; null while it does. */
  readonly unreachableSinceMs: number | null;
  /** Is told from now on what happens. */
  onEvent(listener: (event: ClusterEvent) => void): void;
  /** Is told from now on how long each call of the registry took, also one that got no answer. */
  onCall(listener: (durationMs: number, isAnswered: boolean) => void): void;
  /**
   * Takes nothing new, and lets other nodes take what this one holds; resolves when they play it, or when nobody is left to take it.
   * Whoever calls has a limit of time.
   */
  handOver(): Promise<void>;
  /** Takes streams again: a drain was taken back. */
  takeAgain(): void;
}

export interface HeldStream {
  readonly key: string;
  readonly pullId: string;
  /** 0: it is not claimed, since the registry was away when it was asked for. */
  readonly epoch: number;
  /** Its claim could not be renewed for so long that others may own it: it lets no edge in. */
  readonly isFenced: boolean;
}

/** Each is a line of the log, and some are counted. */
export type ClusterEvent =
  | { readonly kind: 'joined'; readonly nodeId: string; readonly nodes: number }
  /** `name`: of the other node, for people. */
  /** `nodeLeft`: it was drained before. */
  | { readonly kind: 'nodeCame' | 'nodeLeft' | 'nodeLost'; readonly nodeId: string; readonly name: string }
  /** Its protocol is none that this node speaks: it is left out. */
  | { readonly kind: 'refusedNode'; readonly nodeId: string; readonly name: string; readonly protocol: number }
  /** `from`: the node that had it before; null: nobody, as far as this one knows. */
  | (StreamEvent & { readonly kind: 'claimed'; readonly from: string | null })
  | (StreamEvent & { readonly kind: 'fenced' })
  /** `to`: the node whose claim has a higher epoch. */
  | (StreamEvent & { readonly kind: 'gaveWay'; readonly to: string })
  /** It is taken from another node than before, or under another epoch. */
  | (StreamEvent & { readonly kind: 'linkMoved'; readonly parentId: string })
  /** So many nodes died while they had it: nobody pulls it for so long. */
  | {
      readonly kind: 'quarantined';
      readonly key: string;
      readonly pullId: string;
      readonly deaths: number;
      readonly forMs: number;
    }
  /** It may lose what is wanted: its `maxmemory-policy` is not noeviction. */
  | { readonly kind: 'registryEvicts'; readonly policy: string }
  | { readonly kind: 'registryLost'; readonly detail: string }
  | { readonly kind: 'registryBack'; readonly awayMs: number };

interface StreamEvent {
  readonly key: string;
  readonly pullId: string;
  readonly epoch: number;
}
