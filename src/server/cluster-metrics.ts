/** What Prometheus is told of the cluster by each of its nodes. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ClusterState } from '../cluster/cluster-state.js';

const callSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Gives what sets those that are looked up. */
export function createClusterMetrics(state: ClusterState, registry: Registry): () => void {
  const registers = [registry];
  const gauge = (name: string, help: string): Gauge => new Gauge({ name: `sluice_cluster_${name}`, help, registers });
  const counter = (name: string, help: string): Counter =>
    new Counter({ name: `sluice_cluster_${name}_total`, help, registers });
  const nodes = gauge('nodes', 'Nodes that this one knows of, itself included');
  const reachable = gauge('registry_reachable', '1 while the registry answers');
  const claims = gauge('claims', 'Streams that this node pulls from their sources');
  const fencedNow = gauge('claims_fenced', 'Of them those whose claim could not be renewed in time, or that have none');
  const edges = gauge('edges', 'Streams that this node takes from other nodes');
  const links = gauge('links', 'Links by which other nodes take streams from this one');
  const unowned = gauge('streams_unowned', 'Streams of the whole cluster that are wanted, and pulled by nobody');
  const quarantined = gauge('streams_quarantined', 'Of them those that nobody is to pull, since nodes died of them');
  const taken = counter('epochs_taken_over', 'Claims of this node to what another one had pulled');
  const fenced = counter('fenced', 'Claims of this node that could not be renewed in time');
  const gaveWay = counter('gave_way', 'Streams that this node left to a claim with a higher epoch');
  const calls = new Histogram({
    name: 'sluice_cluster_registry_call_seconds',
    help: 'How long calls of the registry took; those without an answer up to their end',
    buckets: callSeconds,
    labelNames: ['answered'],
    registers,
  });
  state.onCall((durationMs, isAnswered) => calls.observe({ answered: String(isAnswered) }, durationMs / 1000));
  state.onEvent((event) => {
    if (event.kind === 'claimed' && event.from !== null) taken.inc();
    if (event.kind === 'fenced') fenced.inc();
    if (event.kind === 'gaveWay') gaveWay.inc();
  });
  return () => {
    const view = state.view();
    const held = state.held();
    const claimed = new Set([...view.claims, ...held].map(({ key }) => key));
    nodes.set(view.nodes.length);
    reachable.set(state.unreachableSinceMs === null ? 1 : 0);
    claims.set(held.length);
    fencedNow.set(held.filter(({ isFenced, epoch }) => isFenced || epoch === 0).length);
    edges.set(view.edges.filter(({ nodeId }) => nodeId === state.nodeId).length);
    links.set(view.edges.filter(({ parentId }) => parentId === state.nodeId).length);
    quarantined.set(state.quarantined().size);
    unowned.set(view.wanted.filter(({ key }) => !claimed.has(key)).length);
  };
}
