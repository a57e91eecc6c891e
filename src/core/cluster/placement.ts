/**
 * Which node takes a stream. Every node comes to the same order of nodes by itself, so that nobody has to be asked: rendezvous
 * hashing (Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998), weighted by the logarithmic method
 * (Schindelhauer and Schomaker, "Weighted distributed hash tables", 2005): the highest of -weight / ln(hash) has the stream, so that
 * each node gets its share by weight, and a node that comes or goes moves no stream between two others.
 */
import { hashOf, pairHash } from './hash.js';
import type { NodeRecord } from './records.js';

/** Hundredths of a core that a stream takes with the viewers that it brings (docs/performance.md: 20 streams, 20 viewers each). */
const cpuOfStream = 5;

/** And of its network: as many viewers at 2.5 Mbit/s. */
const kbpsOfStream = 50_000;

/** How many streams a node can still take, with their viewers; 0: it takes none. */
export function freeStreams({ room, isDraining }: NodeRecord): number {
  const byNetwork = room.kbps === null ? Number.POSITIVE_INFINITY : room.kbps / kbpsOfStream;
  return isDraining ? 0 : Math.max(0, Math.min(room.streams, room.cpu / cpuOfStream, byNetwork));
}

/** How many parts of two labels are the same from the first one on: `eu/fra/rack2` and `eu/fra` share two. */
export function nearness(one: string, other: string): number {
  if (one === '' || other === '') return 0;
  const others = other.split('/');
  const parts = one.split('/');
  const first = parts.findIndex((part, at) => part !== others[at]);
  return first < 0 ? parts.length : first;
}

/** What is to be placed. */
export interface Placed {
  readonly key: string;
  /** Where its source stands. */
  readonly label: string;
}

/** Of the id of a node, once for each record of it: many streams may be free at once, and each node ranks all nodes for each of them. */
const idHashes = new WeakMap<NodeRecord, number>();

function idHash(node: NodeRecord): number {
  const known = idHashes.get(node);
  if (known !== undefined) return known;
  const hash = hashOf(node.nodeId);
  idHashes.set(node, hash);
  return hash;
}

/** How many nodes come before this one; null: it cannot take the stream. Of equals the lower nodeId comes first. */
export function rankOf(node: NodeRecord, nodes: Iterable<NodeRecord>, { key, label }: Placed): number | null {
  const weight = freeStreams(node);
  if (weight === 0) return null;
  const keyHash = hashOf(key);
  const nearOf = nearnessTo(label);
  const scoreOf = (one: NodeRecord, free: number): number => -free / Math.log(pairHash(keyHash, idHash(one)));
  const near = nearOf(node.label);
  const score = scoreOf(node, weight);
  let before = 0;
  for (const other of nodes) {
    const otherWeight = freeStreams(other);
    if (otherWeight === 0 || other.nodeId === node.nodeId) continue;
    const nearer = nearOf(other.label) - near;
    // Of nodes as near to the source the higher score comes first.
    const higher = nearer === 0 ? scoreOf(other, otherWeight) - score : nearer;
    if (higher > 0 || (higher === 0 && other.nodeId < node.nodeId)) before++;
  }
  return before;
}

/** Labels are few, and nodes may be many. */
function nearnessTo(label: string): (other: string) => number {
  const known = new Map<string, number>();
  return (other) => {
    const near = known.get(other) ?? nearness(other, label);
    known.set(other, near);
    return near;
  };
}
