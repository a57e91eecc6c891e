/** What a node knows of its cluster, by key and by id. */
import type { Member } from '../core/cluster/member.js';
import type { Edge, NodeRecord } from '../core/cluster/records.js';
import type { ClusterView } from './contract.js';

/** Each part is made when it is asked for first: announcements of nodes come all the time, and streams may be many. */
export function clusterView(member: Pick<Member, 'known' | 'quarantined'>): ClusterView {
  const { known } = member;
  const quarantined = once(() => member.quarantined);
  const nodes = once(() => new Map(known.nodes.map((node) => [node.nodeId, node])));
  const wanted = once(() => new Map(known.wanted.map((stream) => [stream.key, stream])));
  const claims = once(() => new Map(known.claims.map((claim) => [claim.key, claim])));
  const edges = once(() => {
    const byKey = new Map<string, Edge[]>();
    for (const edge of known.edges) {
      const ofKey = byKey.get(edge.key);
      if (ofKey === undefined) byKey.set(edge.key, [edge]);
      else ofKey.push(edge);
    }
    return byKey;
  });
  return {
    get nodes() {
      return nodes();
    },
    get wanted() {
      return wanted();
    },
    get claims() {
      return claims();
    },
    get quarantined() {
      return quarantined();
    },
    edgesOf: (key) => edges().get(key) ?? [],
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/**
 * Where somebody is sent to who wants to play a stream that this node has no room for: the node with the most room of those that play
 * it, else of all; null: there is no other.
 */
export function elsewhere(view: ClusterView, key: string, ownId: string): NodeRecord | null {
  const players = new Set([view.claims.get(key)?.nodeId, ...view.edgesOf(key).map(({ nodeId }) => nodeId)]);
  const open = [...view.nodes.values()].filter(
    ({ nodeId, room, isDraining }) => nodeId !== ownId && !isDraining && room.viewers > 0,
  );
  return roomiest(open.filter(({ nodeId }) => players.has(nodeId))) ?? roomiest(open);
}

const roomiest = (nodes: readonly NodeRecord[]): NodeRecord | null =>
  nodes.reduce<NodeRecord | null>(
    (best, node) => (best === null || node.room.viewers > best.room.viewers ? node : best),
    null,
  );
