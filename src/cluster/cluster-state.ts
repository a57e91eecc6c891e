/**
 * What a node knows and tells of its cluster: what REST, the console, metrics, the log and an orderly end are made of. Types only;
 * the driver (node.ts) is what has it.
 */
import type { RegistryView } from '../core/cluster/records.js';

export interface ClusterState {
  /** Of this node, as others see it. */
  readonly nodeId: string;
  /** `cluster.node`. */
  readonly name: string;
  /** All that this node knows now: what it read last, with what it was told since, and what is its own. */
  view(): RegistryView;
  /** The streams that this node pulls from their sources. */
  held(): readonly HeldStream[];
  /** The links by which this node plays what others own. */
  links(): readonly EdgeLink[];
  readonly isReachable: boolean;
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

/** Of an edge, as it stands now. */
export interface EdgeLink {
  readonly key: string;
  readonly pullId: string;
  readonly epoch: number;
  readonly parentId: string;
  /** Of the owner's pictures at this node, beside the owner's own viewers; null: not measured. */
  readonly addedDelayMs: number | null;
}

/** Each is a line of the log, and some are counted. `name`: of the stream, as people call it. */
export type ClusterEvent =
  | { readonly kind: 'joined'; readonly nodes: number }
  | { readonly kind: 'nodeCame' | 'nodeLost'; readonly nodeId: string; readonly name: string }
  /** `from`: the node that had it before; null: nobody. */
  | { readonly kind: 'claimed'; readonly key: string; readonly name: string; readonly epoch: number; readonly from: string | null }
  | { readonly kind: 'fenced'; readonly key: string; readonly name: string; readonly epoch: number }
  /** To a claim with a higher epoch. */
  | { readonly kind: 'gaveWay'; readonly key: string; readonly name: string; readonly epoch: number; readonly to: string }
  /** A link of an edge was closed, since there is a claim with a higher epoch. */
  | { readonly kind: 'linkMoved'; readonly key: string; readonly epoch: number; readonly parentId: string }
  /** A node whose protocol this one does not speak: it is left out. */
  | { readonly kind: 'refusedNode'; readonly nodeId: string; readonly name: string; readonly protocol: number }
  | { readonly kind: 'registryLost'; readonly detail: string }
  | { readonly kind: 'registryBack'; readonly awayMs: number };
