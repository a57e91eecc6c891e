/** A stream as one node of the cluster sees it: what it knows of it by the registry, and what it is here. Mutable: the member's own. */
import type { Demand } from './member.js';
import type { Claim, Edge, WantedStream } from './records.js';

export interface Owner {
  readonly kind: 'owner';
  /** 0: never claimed. It stays when the claim is lost, until there is another. */
  epoch: number;
  /** When the lease that it has now was asked for. */
  leaseMs: number;
  isFenced: boolean;
  /** A successor that waits for media before it claims: until then. Null: none. */
  warmUntilMs: number | null;
  /** It has had media. */
  isWarm: boolean;
}

export interface Follower {
  readonly kind: 'edge';
  epoch: number;
  parentId: string;
  depth: number;
  /** Since when its links to the owner are lost; null: none was. */
  lostMs: number | null;
}

export interface Stream {
  readonly key: string;
  wanted: WantedStream | null;
  claim: Claim | null;
  readonly edges: Map<string, Edge>;
  /** When they were heard of last: what was read before is older. */
  wantedMs: number;
  claimMs: number;
  edgesMs: number;
  /** The highest epoch that is known of. */
  epoch: number;
  /** Of the registry that is known to have wanted it last. */
  wantedEra: string;
  /** It is wanted, and the registry does not know, or has lost it. */
  isUnsaid: boolean;

  viewers: number;
  demand: Demand | null;
  role: Owner | Follower | null;
  /** A claim is on its way since then. */
  askedMs: number | null;
  /** Since when anybody may claim it, as nobody owns it; and since when anybody may succeed its owner. */
  openMs: number | null;
  leftMs: number | null;
  /** The nodes that died while they had it: as the registry says; and as this node has noticed, and the registry not said yet. */
  dead: readonly string[];
  readonly unreported: Set<string>;
  /** Its edges that died a moment ago, while its owner lived as far as was known; and when. */
  readonly lostEdges: Map<string, number>;
  /** When the last of them died, as far as is known. */
  deathMs: number;
  /** Parents that were lost, until when. */
  readonly avoided: Map<string, number>;
}

export const newStream = (key: string): Stream => ({
  key,
  wanted: null,
  claim: null,
  edges: new Map(),
  wantedMs: Number.NEGATIVE_INFINITY,
  claimMs: Number.NEGATIVE_INFINITY,
  edgesMs: Number.NEGATIVE_INFINITY,
  epoch: 0,
  wantedEra: '',
  isUnsaid: false,
  viewers: 0,
  demand: null,
  role: null,
  askedMs: null,
  openMs: null,
  leftMs: null,
  dead: [],
  unreported: new Set(),
  lostEdges: new Map(),
  deathMs: Number.NEGATIVE_INFINITY,
  avoided: new Map(),
});

/** Nobody has anything to do with it. */
export const isIdle = ({ wanted, claim, edges, viewers, role, askedMs, dead }: Stream): boolean =>
  wanted === null &&
  claim === null &&
  edges.size === 0 &&
  viewers === 0 &&
  role === null &&
  askedMs === null &&
  dead.length === 0;

/** When a successor that has had no media yet is to have it; null: it is none. */
export const mediaDueMs = ({ role }: Stream): number | null =>
  role?.kind === 'owner' && !role.isWarm ? role.warmUntilMs : null;

/** Under which name it is claimed; null: its source is not known here. */
export const demandOf = ({ wanted, demand, viewers }: Stream): Demand | null => wanted ?? (viewers > 0 ? demand : null);
