/**
 * The registry as one node knows it: what it read last, and what it heard since. Leases end here without being told: a node that
 * is not heard of is gone, and so are its claims, which another node may try to get then. The registry decides whether it does.
 */
import { createDeadlines } from './deadlines.js';
import { times } from './member.js';
import type { NodeRecord, RegistryChange, RegistryReading, RegistryView } from './records.js';
import { newStream, type Stream } from './stream.js';

/** More than a lease, for messages under way. */
const silenceMs = times.leaseMs + 500;
/** What is read is so old, as far as anybody knows: its lease ends within what is left. */
const readAgeMs = times.leaseMs - times.renewMs;
/** So long it is known which pulls were terminated: a registry that starts with an old copy wants them again. */
const endedKeptMs = 600_000;

export interface Knowledge {
  /** Of the registry; empty before it was read. */
  readonly era: string;
  /** When the reading that is known was asked for, and when it came. */
  readonly readMs: number;
  readonly takenMs: number;
  readonly nodes: ReadonlyMap<string, NodeRecord>;
  readonly streams: Map<string, Stream>;
  of(key: string): Stream;
  isAlive(nodeId: string): boolean;
  /** It was alive then. */
  hear(nodeId: string, atMs: number): void;
  /** Those that are known are given until a lease is over to be heard of again: the registry was away. */
  excuse(nowMs: number): void;
  change(change: RegistryChange, nowMs: number): void;
  /** Gives the streams that were known as wanted, and are not any more. */
  read(view: RegistryReading, askedAtMs: number, nowMs: number): readonly Stream[];
  /** Nodes that have not been heard of for too long, each once. */
  takeSilent(nowMs: number): readonly string[];
  forgetNode(nodeId: string): void;
  /** This pull was terminated. */
  ended(pullId: string, nowMs: number): void;
  /** It was, before. */
  hasEnded(pullId: string, beforeMs: number): boolean;
  readonly dueMs: number;
}

export function createKnowledge(nodeId: string): Knowledge {
  const nodes = new Map<string, NodeRecord>();
  const heardMs = new Map<string, number>();
  const silences = createDeadlines();
  const streams = new Map<string, Stream>();
  const ended = new Map<string, number>();
  let era = '';
  let readMs = Number.NEGATIVE_INFINITY;
  let takenMs = Number.NEGATIVE_INFINITY;

  const of = (key: string): Stream => {
    const known = streams.get(key);
    if (known !== undefined) return known;
    const stream = newStream(key);
    streams.set(key, stream);
    return stream;
  };
  const hear = (id: string, atMs: number): void => {
    if (id === nodeId || atMs <= (heardMs.get(id) ?? Number.NEGATIVE_INFINITY)) return;
    heardMs.set(id, atMs);
    silences.set(id, atMs + silenceMs);
  };
  const forgetNode = (id: string): void => {
    nodes.delete(id);
    heardMs.delete(id);
    silences.clear(id);
    for (const { edges } of streams.values()) edges.delete(id);
  };

  return {
    get era() {
      return era;
    },
    get readMs() {
      return readMs;
    },
    get takenMs() {
      return takenMs;
    },
    nodes,
    streams,
    of,
    isAlive: (id) => id === nodeId || heardMs.has(id),
    hear,
    excuse(nowMs) {
      for (const id of heardMs.keys()) hear(id, nowMs - times.renewMs);
    },
    change(change, nowMs) {
      if (change.kind === 'wanted') return changeWanted(of(change.key), change, era, nowMs);
      if (change.kind !== 'node') return changeStream(of(change.key), change, nodeId, hear, nowMs);
      if (change.nodeId === nodeId) return;
      if (change.node === null) return forgetNode(change.nodeId);
      nodes.set(change.nodeId, change.node);
      hear(change.nodeId, nowMs);
    },
    read(view, askedAtMs, nowMs) {
      const hearRead = (id: string): void => hear(id, askedAtMs - readAgeMs);
      for (const node of view.nodes) {
        if (node.nodeId === nodeId) continue;
        nodes.set(node.nodeId, node);
        hearRead(node.nodeId);
      }
      for (const one of [...view.claims, ...view.edges]) hearRead(one.nodeId);
      era = view.era;
      readMs = askedAtMs;
      takenMs = nowMs;
      readClaims(view, streams, of, nodeId, askedAtMs);
      readEdges(view, streams, of, nodeId, askedAtMs);
      readSuspects(view, streams, of, askedAtMs);
      return readWanted(view, streams, of, askedAtMs);
    },
    takeSilent: (nowMs) => silences.take(nowMs),
    forgetNode,
    ended(pullId, nowMs) {
      ended.set(pullId, nowMs);
      for (const [id, atMs] of ended) if (atMs < nowMs - endedKeptMs) ended.delete(id);
    },
    hasEnded: (pullId, beforeMs) => (ended.get(pullId) ?? Number.POSITIVE_INFINITY) < beforeMs,
    get dueMs() {
      return silences.dueMs;
    },
  };
}

type WantedChange = Extract<RegistryChange, { readonly kind: 'wanted' }>;
type StreamChange = Exclude<RegistryChange, { readonly kind: 'node' | 'wanted' }>;
type Hear = (nodeId: string, atMs: number) => void;

function changeWanted(stream: Stream, change: WantedChange, era: string, nowMs: number): void {
  stream.wanted = change.wanted;
  stream.wantedMs = nowMs;
  stream.wantedEra = change.era === '' ? era : change.era;
  stream.isUnsaid = false;
}

function changeStream(stream: Stream, change: StreamChange, nodeId: string, hear: Hear, nowMs: number): void {
  switch (change.kind) {
    case 'claim': {
      const { claim } = change;
      // Who owns it learns by its own calls what became of its claim.
      if (claim === null && stream.claim?.nodeId === nodeId) return;
      if (claim !== null) hear(claim.nodeId, nowMs);
      // One that was overtaken by a later one; where the registry has lost the higher one, a reading tells.
      if (claim !== null && claim.epoch < stream.epoch) return;
      stream.claim = claim;
      stream.claimMs = nowMs;
      stream.epoch = Math.max(stream.epoch, claim?.epoch ?? 0);
      return;
    }
    case 'suspect':
      stream.dead = change.suspect.dead;
      stream.deathMs = nowMs;
      for (const id of stream.dead) stream.unreported.delete(id);
      return;
    case 'edge':
      if (change.nodeId === nodeId) return;
      stream.edgesMs = nowMs;
      if (change.edge === null) return void stream.edges.delete(change.nodeId);
      hear(change.nodeId, nowMs);
      stream.edges.set(change.nodeId, change.edge);
      stream.epoch = Math.max(stream.epoch, change.edge.epoch);
  }
}

type Of = (key: string) => Stream;

function readClaims(view: RegistryView, streams: Map<string, Stream>, of: Of, nodeId: string, askedAtMs: number): void {
  const claims = new Map(view.claims.map((claim) => [claim.key, claim]));
  for (const key of claims.keys()) of(key);
  for (const stream of streams.values()) {
    if (stream.claimMs >= askedAtMs) continue;
    const claim = claims.get(stream.key) ?? null;
    // Its own claim is not there any more, or never was (its answer is under way): its own calls tell, with the time of its lease.
    if (claim === null && stream.claim?.nodeId === nodeId) continue;
    stream.claim = claim;
    stream.epoch = Math.max(stream.epoch, claim?.epoch ?? 0);
  }
}

function readEdges(view: RegistryView, streams: Map<string, Stream>, of: Of, nodeId: string, askedAtMs: number): void {
  for (const { edges, edgesMs } of streams.values()) if (edgesMs < askedAtMs) edges.clear();
  for (const edge of view.edges) {
    if (edge.nodeId === nodeId) continue;
    const stream = of(edge.key);
    if (stream.edgesMs < askedAtMs) stream.edges.set(edge.nodeId, edge);
    stream.epoch = Math.max(stream.epoch, edge.epoch);
  }
}

function readSuspects(
  { suspects, clockMs }: RegistryReading,
  streams: Map<string, Stream>,
  of: Of,
  askedAtMs: number,
): void {
  for (const stream of streams.values()) if (stream.dead.length > 0 && stream.deathMs < askedAtMs) stream.dead = [];
  for (const { key, dead, atMs } of suspects) {
    const stream = of(key);
    for (const id of dead) stream.unreported.delete(id);
    if (stream.deathMs >= askedAtMs) continue;
    stream.dead = dead;
    stream.deathMs = askedAtMs - Math.max(0, clockMs - atMs);
  }
}

/**
 * What is missing was terminated, if the registry of this era is known to have wanted it. Else it was lost, and is to be said again: a
 * change, or an answer, may come from a registry that has been started anew, or emptied, since.
 */
function readWanted(view: RegistryView, streams: Map<string, Stream>, of: Of, askedAtMs: number): readonly Stream[] {
  const missing = new Set<Stream>([...streams.values()].filter(({ wanted }) => wanted !== null));
  for (const wanted of view.wanted) {
    const stream = of(wanted.key);
    missing.delete(stream);
    if (stream.wantedMs >= askedAtMs) continue;
    stream.wanted = wanted;
    stream.wantedEra = view.era;
    stream.isUnsaid = false;
  }
  const gone = [...missing].filter(({ wantedMs, isUnsaid }) => wantedMs < askedAtMs && !isUnsaid);
  for (const stream of gone) stream.isUnsaid = stream.wantedEra !== view.era;
  return gone.filter(({ isUnsaid }) => !isUnsaid);
}
