/** What a node tells of a cluster of three, as the server sees it. */
import type { ClusterEvent, ClusterState } from '../../src/cluster/cluster-state.js';
import type { NodeRecord, RegistryView } from '../../src/core/cluster/records.js';

export interface FakeCluster extends ClusterState {
  unreachableSinceMs: number | null;
  /** Tells all who listen. */
  happen(event: ClusterEvent): void;
  called(durationMs: number, isAnswered: boolean): void;
  readonly handedOver: string[];
}

const node = (name: string, isDraining = false): NodeRecord => ({
  nodeId: `${name}-1`,
  name,
  protocol: 1,
  label: 'hall',
  addresses: { http: `http://${name}:8081`, ws: `ws://${name}:8080`, rtmp: `${name}:1935` },
  room: { cpu: 150, kbps: 400_000, streams: 90, viewers: 1000 },
  isDraining,
  trialKey: null,
});

/** Of node a: it owns k1, which b takes from it and c from b; k2 is b's, k3 is wanted and nobody's, k4 unclaimed at a. */
const someView: RegistryView = {
  era: 'one',
  nodes: [node('a'), node('b'), node('c', true)],
  wanted: ['k1', 'k2', 'k3'].map((key) => ({ key, pullId: `pull-${key}`, name: `cam ${key}`, label: '', sealed: 'x' })),
  claims: [
    { key: 'k1', nodeId: 'a-1', epoch: 4, pullId: 'pull-k1', name: 'cam k1', shown: '{}' },
    { key: 'k2', nodeId: 'b-1', epoch: 1, pullId: 'pull-k2', name: 'cam k2', shown: '{}' },
  ],
  edges: [
    { key: 'k1', nodeId: 'c-1', epoch: 4, parentId: 'b-1', depth: 2, viewers: 1 },
    { key: 'k1', nodeId: 'b-1', epoch: 4, parentId: 'a-1', depth: 1, viewers: 7, delayMs: 1.5 },
  ],
};

export function createFakeCluster(view = someView, httpUrl = 'http://a:8081'): FakeCluster {
  const listeners: ((event: ClusterEvent) => void)[] = [];
  const onCalls: ((durationMs: number, isAnswered: boolean) => void)[] = [];
  const handedOver: string[] = [];
  return {
    nodeId: 'a-1',
    name: 'a',
    httpUrl,
    unreachableSinceMs: null,
    view: () => view,
    held: () => [
      { key: 'k1', pullId: 'pull-k1', epoch: 4, isFenced: false },
      { key: 'k4', pullId: 'pull-k4', epoch: 0, isFenced: false },
    ],
    quarantined: () => new Map([['k3', { deaths: 4, untilMs: 0 }]]),
    onEvent: (listener) => void listeners.push(listener),
    onCall: (listener) => void onCalls.push(listener),
    async handOver() {
      handedOver.push('handOver');
    },
    takeAgain: () => void handedOver.push('takeAgain'),
    happen(event) {
      for (const listener of listeners) listener(event);
    },
    called(durationMs, isAnswered) {
      for (const listener of onCalls) listener(durationMs, isAnswered);
    },
    handedOver,
  };
}
