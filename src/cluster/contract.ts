/** What the driver of a node (node.ts) and the streams of that node (cluster-streams.ts) ask of each other. Types only. */
import type { Quarantine } from '../core/cluster/member.js';
import type { CallPart, CallWay } from '../core/cluster/node-call.js';
import type { Claim, Edge, NodeRecord, WantedStream } from '../core/cluster/records.js';

/** What is derived from cluster.secret (secrets.ts). */
export interface ClusterSecrets {
  /** The same for all spellings of an address, on all nodes. Undefined for what is no address of a source. */
  streamKey(uri: string): string | undefined;
  /** Opens RTMP out of each node to the others, for the stream of this key alone. */
  linkToken(key: string): string;
  /** Shows the node of this id that another node asks this of it, in clear. */
  callMark(nodeId: string, body: string): string;
  sealCall(way: CallWay, part: CallPart, plain: string): Buffer;
  /** Null: it is no such part of this call. */
  openCall(way: CallWay, part: CallPart, sealed: Buffer): string | null;
  /** The same on all nodes. */
  tokenKey(tokenId: string): string;
  /** Bound to the stream of this key. */
  seal(key: string, plain: string): string;
  /** Null: it is broken, or was sealed with another secret or for another stream. */
  unseal(key: string, sealed: string): string | null;
}

/** A stream as the node that is to pull it needs it; of one on demand only the node where its viewer is has such a record. */
export type OwnedStream = WantedStream;

/**
 * The streams of this node, as the member has them play: the driver calls it. Each call takes effect at once, whatever was before, and
 * none throws. A key that is played here keeps its viewers over all of them but `end`.
 */
export interface NodeStreams {
  /**
   * Pulls it from its source, with its stand-bys. Links of other nodes are let in and kept under this epoch alone: that of our claim; 0:
   * there is none, or it cannot be renewed.
   */
  own(stream: OwnedStream, epoch: number): void;
  /**
   * Takes it from this node, under the epoch of this claim. What comes under another epoch is closed at once, as is who was let in
   * under it; under 0 nobody is let in. Where nothing plays here and nobody waits for it (`ClusterNode.play`), nothing is started.
   */
  follow(claim: Claim, parent: NodeRecord): void;
  /** It is not wanted any more, or its source was given up: it ends here, with its viewers. */
  end(key: string): void;
}

/** What becomes of somebody who wants to play a stream at this node. */
export type Playing =
  /** `own` or `follow` of NodeStreams has been called for it, before this is given. */
  | { readonly kind: 'here' }
  /** There is no room here; this node plays it, or has room. */
  | { readonly kind: 'elsewhere'; readonly node: NodeRecord }
  /** It is wanted, and nobody owns it yet. */
  | { readonly kind: 'unowned' }
  /** Nobody wants it, and nobody owns it. */
  | { readonly kind: 'unknown' };

/** All that is known of the cluster here and now. */
export interface ClusterView {
  /** By id; this node too. */
  readonly nodes: ReadonlyMap<string, NodeRecord>;
  /** By key. */
  readonly wanted: ReadonlyMap<string, WantedStream>;
  /** By key. */
  readonly claims: ReadonlyMap<string, Claim>;
  /** Those that nobody pulls, since nodes died of them; by key. */
  readonly quarantined: ReadonlyMap<string, Quarantine>;
  edgesOf(key: string): readonly Edge[];
}

/** The driver, as the streams of its node call it. */
export interface ClusterNode {
  readonly nodeId: string;
  readonly view: ClusterView;
  /** False: the registry is gone, and this node is on its own. */
  readonly isReachable: boolean;
  /**
   * Somebody wants this stream. While the registry is gone this node takes it (`own` with epoch 0), and wants it when it is back. Errors:
   * pull.conflict, pull.nameTaken.
   */
  want(stream: WantedStream): Promise<void>;
  /** It has another name. Errors: pull.notFound, pull.nameTaken. */
  rewant(stream: WantedStream): Promise<void>;
  /** Nobody wants it any more, or its source was given up here: its owner ends it, and so do all who follow it. */
  unwant(key: string): Promise<void>;
  /** A viewer, player or recording of this node wants to play the stream of this key. */
  play(key: string): Playing;
  /** The same of an address on demand: claimed for this node where nobody owns it; never `unowned` or `unknown`. */
  demand(stream: OwnedStream): Promise<Playing>;
  /** So many take it here now: viewers, players, links of other nodes. 0: nobody has for pulls.idleMs, or its pull is over here. */
  taken(key: string, takers: number): void;
  /** The pull of this key, which this node owns, has media. */
  playing(key: string): void;
  /** The link to its parent was lost, refused or never came about. */
  linkLost(key: string, parentId: string): void;
  /** What others are to list of a stream that this node owns: JSON without secrets. */
  show(key: string, shown: string): void;
  /** So much later than its owner this node has it; null: not known. */
  delayed(key: string, delayMs: number | null): void;
  /** Is told from now on when what is known of the stream of this key has changed: wanted, claim, edges; null: of any, or of nodes. */
  onChange(listener: (key: string | null) => void): void;
}

/** What another node asks for: rtmp://HOST/cluster/KEY?token=TOKEN&epoch=EPOCH. */
export interface AskedLink {
  readonly key: string;
  readonly token: string;
  readonly epoch: number;
}

/** Lets other nodes take streams from this one. */
export interface LinkServer {
  /** `give`: as of Streams.addPlayer. Errors: link.denied, link.epoch, and those of LocalStreams.addLink. */
  serve(link: AskedLink, give: () => Promise<number>): Promise<void>;
}
