/** This process as a node of a cluster: registry, driver and streams put together. Loaded where cluster.redis is set alone. */
import { monotonicMs } from '../clock.js';
import type { Settings } from '../config/schema.js';
import type { Logger } from '../log-line.js';
import type { LinkServer } from '../rtmp-out/listener.js';
import type { LocalStreams, Streams } from '../supervisor/streams.js';
import { logCluster } from './cluster-log.js';
import type { ClusterState } from './cluster-state.js';
import { createClusterStreams } from './cluster-streams.js';
import { createClusterNode } from './node.js';
import { openRegistry } from './open-registry.js';
import { createSecrets } from './secrets.js';
import { createSelf, type OpenPorts } from './self-record.js';

interface ClusterOptions {
  readonly settings: Settings;
  readonly local: LocalStreams;
  readonly log: Logger;
}

export interface Cluster {
  /** Those of all nodes. */
  readonly streams: Streams;
  readonly links: LinkServer;
  readonly state: ClusterState;
  /** Resolves when the registry was read, or gives no answer: from then on this node takes streams. */
  join(ports: OpenPorts): Promise<void>;
  /** Gives back what it holds, for others to take at once. */
  leave(): Promise<void>;
}

/** Errors: config.invalid. */
export async function openCluster({ settings, local, log }: ClusterOptions): Promise<Cluster> {
  const { cluster, server } = settings;
  let ports: OpenPorts = { restPort: server.restPort, wsPort: server.wsPort, restTlsPort: null, wsTlsPort: null };
  const { node, state, start, close } = createClusterNode({
    registry: await openRegistry(cluster),
    self: createSelf({ settings, ports: () => ports, room: local.room }),
    maxChildren: cluster.maxChildren,
    nowMs: monotonicMs,
  });
  logCluster(state, log);
  const secrets = createSecrets(cluster.secret);
  const { streams, nodeStreams, links } = createClusterStreams({
    local,
    node,
    secrets,
    settings,
    log,
    nowMs: monotonicMs,
  });
  return {
    streams,
    links,
    state,
    join(opened) {
      ports = opened;
      return start(nodeStreams);
    },
    leave: close,
  };
}
