/** The cluster as /api shows it. */
import type { ClusterState } from '../cluster/cluster-state.js';
import type { Quarantine } from '../core/cluster/member.js';
import type { Edge, RegistryView } from '../core/cluster/records.js';
import type { Streams } from '../supervisor/streams.js';
import type { Cluster, ClusterEdge, ClusterStream } from './cluster-schemas.js';

type Shown = Pick<ClusterState, 'nodeId' | 'view' | 'held' | 'quarantined' | 'unreachableSinceMs'>;

export function clusterOf(state: Shown, streams: Pick<Streams, 'list'>, nowMs: number): Cluster {
  const view = withDelays(state, streams);
  const since = state.unreachableSinceMs;
  const ownedBy = (id: string): number =>
    // Its own, without a claim too, which there is none of while the registry is away.
    id === state.nodeId ? state.held().length : view.claims.filter((claim) => claim.nodeId === id).length;
  return {
    nodeId: state.nodeId,
    registry: { isReachable: since === null, awayMs: since === null ? null : Math.round(nowMs - since) },
    nodes: view.nodes.map(({ nodeId, name, label, protocol, isDraining, addresses, room }) => ({
      id: nodeId,
      name,
      isAsked: nodeId === state.nodeId,
      label,
      protocol,
      isDraining,
      addresses: { ...addresses },
      room: { ...room },
      owned: ownedBy(nodeId),
      edges: view.edges.filter((edge) => edge.nodeId === nodeId).length,
    })),
    streams: streamsOf(state, view, nowMs),
  };
}

/** Of its own streams a node knows them at once. */
function withDelays({ nodeId, view }: Shown, streams: Pick<Streams, 'list'>): RegistryView {
  const known = view();
  const own = new Map(streams.list().map(({ pullId, linkDelayMs }) => [pullId, linkDelayMs]));
  const pullIds = new Map([...known.claims, ...known.wanted].map(({ key, pullId }) => [key, pullId]));
  const edges = known.edges.map((edge) =>
    edge.nodeId === nodeId ? { ...edge, delayMs: own.get(pullIds.get(edge.key) ?? '') ?? null } : edge,
  );
  const { era, nodes, wanted, claims } = known;
  return { era, nodes, wanted, claims, edges };
}

function streamsOf(state: Shown, view: RegistryView, nowMs: number): ClusterStream[] {
  const names = new Map(view.nodes.map(({ nodeId, name }) => [nodeId, name]));
  const held = new Map(state.held().map((one) => [one.key, one]));
  const quarantined = state.quarantined();
  const claims = new Map(view.claims.map((claim) => [claim.key, claim]));
  const wanted = new Map(view.wanted.map((stream) => [stream.key, stream]));
  const edges = new Map<string, Edge[]>();
  for (const edge of view.edges) edges.set(edge.key, [...(edges.get(edge.key) ?? []), edge]);
  const keys = new Set([...wanted.keys(), ...claims.keys(), ...held.keys()]);
  return [...keys].map((key): ClusterStream => {
    const [own, claim, want] = [held.get(key), claims.get(key), wanted.get(key)];
    // What this node pulls without a claim no other node can know.
    const owner = claim ?? (own === undefined ? null : { nodeId: state.nodeId, epoch: own.epoch });
    const isFenced = owner?.nodeId === state.nodeId ? (own?.isFenced ?? false) : null;
    return {
      key,
      streamId: want?.pullId ?? claim?.pullId ?? own?.pullId ?? '',
      name: want?.name ?? claim?.name ?? null,
      isWanted: want !== undefined,
      owner:
        owner === null
          ? null
          : { nodeId: owner.nodeId, node: names.get(owner.nodeId) ?? '', epoch: owner.epoch, isFenced },
      quarantine: quarantineOf(quarantined.get(key), nowMs),
      edges: treeOf(edges.get(key) ?? [], names),
    };
  });
}

function quarantineOf(quarantine: Quarantine | undefined, nowMs: number): ClusterStream['quarantine'] {
  if (quarantine === undefined) return null;
  const { deaths, untilMs } = quarantine;
  return { code: 'stream.quarantined', deaths, retryMs: Math.max(0, Math.round(untilMs - nowMs)) };
}

/** An edge whose parent is no edge takes the stream from the owner, or from nobody that is there. */
function treeOf(edges: readonly Edge[], names: ReadonlyMap<string, string>): ClusterEdge[] {
  const here = new Set(edges.map(({ nodeId }) => nodeId));
  const left = new Map(edges.map((edge) => [edge.nodeId, edge]));
  const take = ({ nodeId, depth, epoch, viewers, delayMs = null }: Edge): ClusterEdge[] => {
    if (!left.delete(nodeId)) return [];
    const children = edges.filter(({ parentId }) => parentId === nodeId).flatMap(take);
    return [{ nodeId, node: names.get(nodeId) ?? '', depth, epoch, delayMs, viewers, children }];
  };
  const tree = edges.filter(({ parentId }) => !here.has(parentId)).flatMap(take);
  // For the moment in which edges change their parents there may be a circle: nobody is left out.
  return [...tree, ...[...left.values()].flatMap(take)];
}
