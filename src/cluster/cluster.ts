/** This process as a node of a cluster: its streams, its driver and the registry, joined. Loaded where cluster.redis is set alone. */
import type { Settings } from '../config/schema.js';
import type { Logger } from '../log-line.js';
import type { LocalStreams, Streams } from '../supervisor/streams.js';
import { logCluster } from './cluster-log.js';
import type { ClusterState } from './cluster-state.js';
import { createClusterStreams } from './cluster-streams.js';
import type { LinkServer } from './contract.js';
import { createClusterNode } from './node.js';
import { createNodeCalls, type NodeCalls } from './node-calls.js';
import type { Registry } from './registry.js';
import { createSecrets } from './secrets.js';
import { createSelf, type OpenPorts } from './self-record.js';
import type { SharedRevocations } from './shared-revocations.js';
import { createSharedTokens, type SharedTokens } from './shared-tokens.js';

interface ClusterOptions {
  readonly settings: Settings;
  readonly registry: Registry;
  readonly local: LocalStreams;
  readonly log: Logger;
  /** Monotonic ms. */
  readonly nowMs: () => number;
}

/** What nodes have of each other beside streams. */
export interface Peers {
  readonly calls: NodeCalls;
  readonly revocations: SharedRevocations;
  readonly tokens: SharedTokens;
}

export interface Cluster {
  /** What the server of this node serves. */
  readonly streams: Streams;
  readonly state: ClusterState;
  readonly links: LinkServer;
  readonly peers: Peers;
  /** Joins: these ports are open, as is that of RTMP out. Resolves when the registry was read, or gives no answer. */
  join(ports: OpenPorts): Promise<void>;
  /** Its claims are others' from then on. */
  leave(): Promise<void>;
}

const noPorts: OpenPorts = { restPort: 0, wsPort: 0, restTlsPort: null, wsTlsPort: null };

export function createCluster({ settings, registry, local, log, nowMs }: ClusterOptions): Cluster {
  let open = noPorts;
  const self = createSelf({ settings, ports: () => open, room: local.room });
  const { node, state, revocations, start, close } = createClusterNode({
    registry,
    self,
    maxChildren: settings.cluster.maxChildren,
    nowMs,
  });
  const secrets = createSecrets(settings.cluster.secret);
  const calls = createNodeCalls({ nodeId: state.nodeId, secrets, nodes: () => node.view.nodes, log });
  const { streams, nodeStreams, links } = createClusterStreams({ local, node, secrets, settings, calls, log, nowMs });
  const tokens = createSharedTokens({ registry, nodeId: state.nodeId, secrets, nowS: () => Date.now() / 1000 });
  state.onEvent(({ kind }) => {
    if (kind === 'registryBack') void tokens.back();
  });
  logCluster(state, log);
  return {
    streams,
    state,
    links,
    peers: { calls, revocations, tokens: tokens.shared },
    join(ports) {
      open = ports;
      return start(nodeStreams);
    },
    leave() {
      tokens.close();
      return close();
    },
  };
}
