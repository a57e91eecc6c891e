/**
 * From whom an edge takes a stream: the owner, or an edge that has room for another child, with the fewest links to the owner, and
 * among those with the fewest children. An edge stays where it is as long as its parent is there.
 *
 * No loop can come about, however old the records are that nodes decide by: for each stream the nodes stand in one order for ever
 * (by hash), and the parent of an edge is the owner or stands before it. All who have lost their parent at once compute the same
 * tree from the same records, each for itself, so that they do not all go to the same one. An edge before which all are full goes to
 * the one with the fewest children: `maxChildren` is exceeded rather than a viewer refused (by 3 in 50 edges, by 6 in 400).
 */
import { hashOf, pairHash } from './hash.js';
import type { Edge } from './records.js';

export interface Tree {
  readonly key: string;
  readonly ownerId: string;
  /** Those that live, by node. */
  readonly edges: ReadonlyMap<string, Pick<Edge, 'parentId'>>;
  readonly maxChildren: number;
}

export interface Place {
  readonly parentId: string;
  /** Links to the owner. */
  readonly depth: number;
}

interface Standing {
  readonly nodeId: string;
  readonly order: number;
  /** Where it is and stays; null: it looks for a parent. */
  readonly parentId: string | null;
}

const isBefore = (one: Standing, other: Standing): boolean =>
  one.order !== other.order ? one.order < other.order : one.nodeId < other.nodeId;

/** In their order, those that stay marked. `avoided`: what this node is not to take for its parent. */
function standingsOf(nodeId: string, tree: Tree, avoided: ReadonlySet<string>): readonly Standing[] {
  const keyHash = hashOf(tree.key);
  const ids = [...new Set([...tree.edges.keys(), nodeId])].filter((id) => id !== tree.ownerId);
  const bare = new Map(
    ids.map((id): [string, Standing] => [
      id,
      { nodeId: id, order: pairHash(keyHash, hashOf(id)), parentId: tree.edges.get(id)?.parentId ?? null },
    ]),
  );
  const stays = (one: Standing): boolean => {
    if (one.parentId === null || (one.nodeId === nodeId && avoided.has(one.parentId))) return false;
    const parent = bare.get(one.parentId);
    return one.parentId === tree.ownerId || (parent !== undefined && isBefore(parent, one));
  };
  return [...bare.values()]
    .map((one) => (stays(one) ? one : { nodeId: one.nodeId, order: one.order, parentId: null }))
    .sort((one, other) => (isBefore(one, other) ? -1 : 1));
}

interface Candidate {
  readonly nodeId: string;
  readonly depth: number;
  children: number;
}

/** Of those before it, in their order. */
function choose(candidates: readonly Candidate[], maxChildren: number): Candidate | undefined {
  const roomy = candidates.filter(({ children }) => children < maxChildren);
  const better = (one: Candidate, best: Candidate): boolean =>
    roomy.length > 0 && one.depth !== best.depth ? one.depth < best.depth : one.children < best.children;
  return (roomy.length > 0 ? roomy : candidates).reduce<Candidate | undefined>(
    (best, one) => (best === undefined || better(one, best) ? one : best),
    undefined,
  );
}

/** Where this node takes the stream from: where it is now, if it can stay. It is not the owner. */
export function placeIn(tree: Tree, nodeId: string, avoided: ReadonlySet<string> = new Set()): Place {
  const { ownerId, maxChildren } = tree;
  const standings = standingsOf(nodeId, tree, avoided);
  const childrenOf = new Map<string, number>();
  for (const { parentId } of standings) {
    if (parentId !== null) childrenOf.set(parentId, (childrenOf.get(parentId) ?? 0) + 1);
  }
  const candidateOf = (id: string, depth: number): Candidate => ({
    nodeId: id,
    depth,
    children: childrenOf.get(id) ?? 0,
  });
  const owner = candidateOf(ownerId, 0);
  const placed = new Map<string, Candidate>([[ownerId, owner]]);
  for (const { nodeId: id, parentId } of standings) {
    const isSelf = id === nodeId;
    const isOpen = ({ nodeId: other }: Candidate): boolean => !isSelf || !avoided.has(other);
    const chosen = parentId === null ? choose([...placed.values()].filter(isOpen), maxChildren) : placed.get(parentId);
    const parent = chosen ?? owner;
    if (isSelf) return { parentId: parent.nodeId, depth: parent.depth + 1 };
    if (parentId === null) parent.children++;
    placed.set(id, candidateOf(id, parent.depth + 1));
  }
  throw new Error(`${nodeId} is the owner: it has no parent`);
}
