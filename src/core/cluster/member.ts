/**
 * One node of a cluster, as a state machine: what it hears of the registry and of itself goes in, what is to be done comes out.
 * It reads no clock: `nowMs` is that of a monotonic one, which runs on while the process is stopped.
 *
 * The driver carries out acts in their order. Those toward the registry (RegistryAct) may take as long as they want, and one
 * that fails is told by `reachable` alone; whoever is answered hands the act back with its answer, since a lease counts from the
 * moment at which it was asked for. Those toward the streams of this node (StreamAct) say how a stream is to be from now on:
 * one is true until the next one of the same key, and to do it twice changes nothing.
 */
import type {
  Claim,
  Edge,
  NodeRecord,
  RegistryChange,
  RegistryReading,
  RegistryView,
  WantedStream,
} from './records.js';

/** Protocol, not configuration: all nodes have the same. */
export const times = {
  /** What a node, a claim or an edge in the registry lives for. */
  leaseMs: 6000,
  /** They are renewed so often. */
  renewMs: 2000,
  /** An owner that has not renewed its claim for so long serves no edges. */
  fenceMs: 5000,
  /**
   * All of the registry is read so often by each node. Where there are more pairs of a node and a stream than this, as much less often
   * as there are more: so all readings together cost the registry the same, a tenth of a core (docs/scale.md).
   */
  readMs: 10_000,
  readPairs: 100_000,
  /** The n-th of those who may claim a stream waits for n times this. */
  turnMs: 400,
  /** A successor that has no media yet gives the next one its chance after this. */
  handOverMs: 5000,
  /** A parent whose link was lost is not chosen for so long. */
  avoidMs: 10_000,
} as const;

/** A pull on demand, of which this node knows the source. */
export interface Demand {
  readonly pullId: string;
  readonly name: string | null;
}

/** What the registry says. */
export type RegistryEvent =
  /** `askedAtMs`: when the reading began; what was heard since then is newer. */
  | { readonly kind: 'view'; readonly view: RegistryReading; readonly askedAtMs: number }
  | { readonly kind: 'change'; readonly change: RegistryChange }
  /** `claim`: the one that stands now, this node's or another's. */
  | { readonly kind: 'claimed'; readonly act: ClaimAct; readonly claim: Claim }
  /** For each claim of the act: it has another lease; or it is this node's no more. */
  | { readonly kind: 'renewed'; readonly act: RenewAct; readonly held: readonly boolean[] }
  /** Not `isGranted`: a stream of this key, or of this name, is wanted already. */
  | { readonly kind: 'wanted'; readonly act: WantAct; readonly isGranted: boolean; readonly era: string }
  /** The registry, of this era, has taken it. */
  | { readonly kind: 'announced'; readonly act: AnnounceAct; readonly era: string }
  /** A call got no answer, whatever became of it; or one did again. Changes may have been missed meanwhile. */
  | { readonly kind: 'reachable'; readonly isReachable: boolean };

/** What happens at this node. */
export type NodeEvent =
  /** As it is now: its room, and whether it is draining. The first event of all. */
  | { readonly kind: 'self'; readonly node: NodeRecord }
  /** By REST or configuration: it is to be wanted. Where the registry is away this node takes it. */
  | { readonly kind: 'want'; readonly stream: WantedStream }
  /** It is terminated, or its source was given up. */
  | { readonly kind: 'unwant'; readonly key: string }
  /**
   * So many viewers and players of this node ask for it, edges that it serves among them. 0: nobody, and for long enough that a
   * pull on demand ends (the supervisor's rule), or it ended by itself. `demand` null: its source is not known here.
   */
  | { readonly kind: 'needed'; readonly key: string; readonly viewers: number; readonly demand: Demand | null }
  /** The pull from its source, at this node, has media. */
  | { readonly kind: 'playing'; readonly key: string }
  /** That node refused the link, closed it, or cannot be reached. Not: its source is away. */
  | { readonly kind: 'linkLost'; readonly key: string; readonly parentId: string }
  | { readonly kind: 'time' };

export type MemberEvent = RegistryEvent | NodeEvent;

/** `Registry.announce`, answered by `announced`. */
export interface AnnounceAct {
  readonly kind: 'announce';
  readonly node: NodeRecord;
}

/** `Registry.want`, answered by `wanted`. */
export interface WantAct {
  readonly kind: 'want';
  readonly stream: WantedStream;
}

/** `Registry.claim`, answered by `claimed`. */
export interface ClaimAct extends Demand {
  readonly kind: 'claim';
  readonly key: string;
  readonly above: number;
  readonly atMs: number;
}

/** `Registry.renew`, answered by `renewed`: all claims of this node in one call. */
export interface RenewAct {
  readonly kind: 'renew';
  readonly claims: readonly HeldClaim[];
  readonly atMs: number;
}

export interface HeldClaim {
  readonly key: string;
  readonly epoch: number;
}

/** Toward the registry. Those without an answer of their own are not waited for. */
export type RegistryAct =
  /** Answered by `view`. */
  | { readonly kind: 'read' }
  | AnnounceAct
  | WantAct
  | { readonly kind: 'unwant'; readonly key: string; readonly pullId: string }
  | ClaimAct
  | RenewAct
  | (HeldClaim & { readonly kind: 'release' })
  /** As they are now, for another lease. */
  | { readonly kind: 'announceEdges'; readonly edges: readonly Edge[] }
  | { readonly kind: 'withdrawEdge'; readonly key: string }
  /** That node died while it had this stream. */
  | { readonly kind: 'reportDeath'; readonly key: string; readonly nodeId: string };

/** Toward the streams of this node. */
export type StreamAct =
  /**
   * It is pulled from its source, and served to edges under this epoch alone. 0: it is not claimed, or its claim cannot be
   * renewed (it is fenced): edges of other epochs are neither let in nor kept, and those of nodes which are cut off from the registry
   * too ask for epoch 0. Viewers notice nothing of an epoch.
   */
  | { readonly kind: 'own'; readonly key: string; readonly epoch: number }
  /**
   * It is pulled from that node under this epoch, and served to edges under it. A link of another epoch is closed at once, before
   * anything else. Its viewers wait meanwhile, as for any source. 0: what the owner plays while both are cut off from the registry; it
   * is served to nobody.
   */
  | { readonly kind: 'follow'; readonly key: string; readonly epoch: number; readonly parentId: string }
  /** It is not pulled here. */
  | { readonly kind: 'end'; readonly key: string };

export type Act = RegistryAct | StreamAct;

/** How a stream is at this node. */
export type Role =
  /** `epoch` 0: not claimed yet. */
  | { readonly kind: 'owner'; readonly epoch: number; readonly isFenced: boolean }
  | { readonly kind: 'edge'; readonly epoch: number; readonly parentId: string; readonly depth: number };

/** A stream that nobody is to pull now, since nodes died of it. */
export interface Quarantine {
  readonly deaths: number;
  /** When a node tries it again at the earliest, by the clock of `nowMs`. */
  readonly untilMs: number;
}

export interface Member {
  on(event: MemberEvent, nowMs: number): readonly Act[];
  /** When `time` is due at the latest. */
  readonly dueMs: number;
  /** The registry as it is known: what was read, and heard since. */
  readonly known: RegistryView;
  /** The streams that are pulled here, by key. */
  readonly roles: ReadonlyMap<string, Role>;
  /** Those that nobody pulls, by key. */
  readonly quarantined: ReadonlyMap<string, Quarantine>;
  /** The registry is away, or has not been read since it came back. */
  readonly isDegraded: boolean;
}
