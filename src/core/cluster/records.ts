/** What the nodes of a cluster tell each other by their registry. Types only. */

/** A node as it announces itself; it is gone when it has not done so for the time of a lease. */
export interface NodeRecord {
  /** New with each start of the process, so that nobody takes what an earlier life held. */
  readonly nodeId: string;
  /** `cluster.node`, for people. */
  readonly name: string;
  /** Of what nodes say to each other: nodes of this version and of the one before work together. */
  readonly protocol: number;
  /** `cluster.label`: where it stands; empty: anywhere. */
  readonly label: string;
  readonly addresses: NodeAddresses;
  readonly room: NodeRoom;
  /** It takes nothing new, and hands over what it has. */
  readonly isDraining: boolean;
  /** The suspect that it has just begun to pull, with nothing else to blame if it dies (quarantine.ts); null: none. */
  readonly trialKey: string | null;
}

/** As other nodes, and viewers, reach it. */
export interface NodeAddresses {
  /** `http://host:8081` or `https://...`, without a slash behind it: REST and WHEP. */
  readonly http: string;
  /** `ws://host:8080` or `wss://...`: WCS signalling. */
  readonly ws: string;
  /** `host:port` of RTMP out. */
  readonly rtmp: string;
}

/** What a node can still take, by its measured load; all 0 for a full one. */
export interface NodeRoom {
  /** Cores that are free, in hundredths. */
  readonly cpu: number;
  /** What its network can still carry, to it or from it, whichever is less; null: not known. */
  readonly kbps: number | null;
  readonly streams: number;
  readonly viewers: number;
}

/** A stream that is wanted until it is terminated, whichever node has it. */
export interface WantedStream {
  /** The same for all spellings of its first uri, on all nodes; it tells nothing of it. */
  readonly key: string;
  /** `localMediaSessionId` of REST, on whichever node it plays. */
  readonly pullId: string;
  /** Null: it goes by its uri. */
  readonly name: string | null;
  /** Where its source stands; empty: nowhere in particular. */
  readonly label: string;
  /** The request with its uris, which may hold secrets: sealed with cluster.secret. */
  readonly sealed: string;
}

/** Who pulls a stream from its source. */
export interface Claim {
  readonly key: string;
  readonly nodeId: string;
  /** Higher than that of each owner before (by the registry's clock, in ms): what comes under a lower one is not taken. */
  readonly epoch: number;
  readonly pullId: string;
  readonly name: string | null;
  /** JSON of the pull as lists show it: without secrets. */
  readonly shown: string;
}

/** A node that plays what another owns. */
export interface Edge {
  readonly key: string;
  readonly nodeId: string;
  /** Of the claim that it follows. */
  readonly epoch: number;
  /** The node that it takes the stream from: the owner, or another edge. */
  readonly parentId: string;
  /** Links from the owner to it, 1 or more. */
  readonly depth: number;
  readonly viewers: number;
  /** How much later than at the owner the stream is there; null or absent: not known. */
  readonly delayMs?: number | null;
}

/** A stream that nodes died with, until none has for ten minutes (quarantine.ts). */
export interface Suspect {
  readonly key: string;
  /** The nodes that died while they had it, the first of them first. */
  readonly dead: readonly string[];
  /** When the last of them was reported, by the registry's clock in ms. */
  readonly atMs: number;
}

/** What a registry holds of streams and nodes. */
export interface RegistryView {
  /** Another one: it was started anew, or emptied, and may have lost what it held (Redis: `run_id` of INFO server, and `PREFIX:era`). */
  readonly era: string;
  readonly nodes: readonly NodeRecord[];
  readonly wanted: readonly WantedStream[];
  readonly claims: readonly Claim[];
  readonly edges: readonly Edge[];
}

/** All that the registry holds. */
export interface RegistryReading extends RegistryView {
  readonly suspects: readonly Suspect[];
  /** What its clock says, in ms. */
  readonly clockMs: number;
}

/** One thing in the registry that is another one now; it may be lost, since a view is read again and again. */
export type RegistryChange =
  | { readonly kind: 'node'; readonly nodeId: string; readonly node: NodeRecord | null }
  /** `era`: of the registry that wants it; empty: not told, as nodes of the version before do, and where it is not wanted any more. */
  | { readonly kind: 'wanted'; readonly key: string; readonly wanted: WantedStream | null; readonly era: string }
  | { readonly kind: 'claim'; readonly key: string; readonly claim: Claim | null }
  | { readonly kind: 'edge'; readonly key: string; readonly nodeId: string; readonly edge: Edge | null }
  | { readonly kind: 'suspect'; readonly key: string; readonly suspect: Suspect };
