/** The streams of a cluster as the server of one node has them: those of this process, and by its driver those of all others. */
import type { Settings } from '../config/schema.js';
import type { Logger } from '../log-line.js';
import type { LocalStreams, Streams } from '../supervisor/streams.js';
import { createByIdCalls } from './cluster-by-id.js';
import { createClusterEvents } from './cluster-events.js';
import { createClusterList } from './cluster-list.js';
import { createClusterPlay } from './cluster-play.js';
import { createClusterRecording } from './cluster-recording.js';
import { createClusterWanted } from './cluster-wanted.js';
import type { ClusterNode, ClusterSecrets, LinkServer, NodeStreams } from './contract.js';
import { createHeldStreams } from './held-streams.js';
import { createLinkServer } from './link-server.js';
import type { NodeCalls } from './node-calls.js';
import { createStreamNames } from './stream-names.js';

interface ClusterStreamsOptions {
  readonly local: LocalStreams;
  /** It drives what `nodeStreams` gives. */
  readonly node: ClusterNode;
  readonly secrets: ClusterSecrets;
  readonly settings: Pick<Settings, 'viewers' | 'pulls'>;
  readonly calls: Pick<NodeCalls, 'ask' | 'serve'>;
  readonly log: Logger;
  /** Monotonic ms. */
  readonly nowMs: () => number;
}

export interface ClusterStreams {
  readonly streams: Streams;
  /** Called by the driver. */
  readonly nodeStreams: NodeStreams;
  readonly links: LinkServer;
}

export function createClusterStreams(options: ClusterStreamsOptions): ClusterStreams {
  const { local, node, secrets, settings, calls, log, nowMs } = options;
  const { codecWaitMs } = settings.viewers;
  const { viewerPullsPerMinute } = settings.pulls;
  const names = createStreamNames(node, secrets);
  const held = createHeldStreams({ local, node, secrets, log });
  const list = createClusterList({ local, node, secrets, names, held });
  const { demand, ...play } = createClusterPlay({
    local,
    node,
    secrets,
    names,
    held,
    limits: { codecWaitMs, viewerPullsPerMinute },
    nowMs,
  });
  const wanted = createClusterWanted({ local, node, secrets, names, held, list, play: { demand } });
  const { list: all, find, named } = list;
  const streams: Streams = {
    ...local,
    ...play,
    ...wanted,
    ...createByIdCalls({ local, node, names, held }),
    ...createClusterEvents({ local, node, names, held, calls }),
    ...createClusterRecording({ local, node, secrets, names, held, log }),
    list: all,
    find,
    named,
    viewers: () => local.viewers().map((viewer) => ({ ...viewer, pullId: idOf(viewer.pullId) })),
    get stuckThreads() {
      return local.stuckThreads;
    },
    close() {
      held.close();
      return local.close();
    },
  };
  /** As the cluster knows it. */
  const idOf = (localId: string): string => {
    const { key = '' } = held.byLocalId(localId) ?? {};
    return (node.view.wanted.get(key) ?? node.view.claims.get(key))?.pullId ?? localId;
  };
  return { streams, nodeStreams: held, links: createLinkServer({ local, secrets, held }) };
}
