/** Nodes of one cluster in one process, over a real registry, each with a connection of its own that can be cut. */
import { randomUUID } from 'node:crypto';
import { monotonicMs } from '../../../src/clock.js';
import type { ClusterEvent, ClusterState } from '../../../src/cluster/cluster-state.js';
import type { ClusterNode, NodeStreams } from '../../../src/cluster/contract.js';
import { createClusterNode } from '../../../src/cluster/node.js';
import { openRegistry } from '../../../src/cluster/open-registry.js';
import { settingsSchema } from '../../../src/config/schema.js';
import type { NodeRecord } from '../../../src/core/cluster/records.js';
import { openTcpRelay } from '../network/tcp-relay.js';
import { nodeRecord } from './records.js';
import type { RedisServer } from './redis-server.js';

/** What the driver had its streams do. */
export type Done =
  | { readonly kind: 'own'; readonly key: string; readonly epoch: number; readonly atMs: number }
  | {
      readonly kind: 'follow';
      readonly key: string;
      readonly epoch: number;
      readonly parentId: string;
      readonly atMs: number;
    }
  | { readonly kind: 'end'; readonly key: string; readonly atMs: number };

export interface StagedNode {
  readonly node: ClusterNode;
  readonly state: ClusterState;
  readonly done: readonly Done[];
  readonly events: readonly ClusterEvent[];
  /** The newest of this stream. */
  last(key: string): Done | undefined;
  /** Its registry is not reached any more. */
  cut(): void;
  mend(): Promise<void>;
  close(): Promise<void>;
}

export async function startNode(
  server: RedisServer,
  prefix: string,
  change: Partial<NodeRecord> = {},
): Promise<StagedNode> {
  let relay = await openTcpRelay(server.port);
  const redis = `redis://127.0.0.1:${relay.port}`;
  const registry = await openRegistry(settingsSchema.parse({ cluster: { redis, prefix } }).cluster);
  const self = nodeRecord(randomUUID(), change);
  const { node, state, start, close } = createClusterNode({
    registry,
    self: () => self,
    maxChildren: 8,
    nowMs: monotonicMs,
  });
  const done: Done[] = [];
  const events: ClusterEvent[] = [];
  state.onEvent((event) => events.push(event));
  const streams: NodeStreams = {
    own({ key }, epoch) {
      done.push({ kind: 'own', key, epoch, atMs: monotonicMs() });
      // Its source answers at once.
      setImmediate(() => node.playing(key));
    },
    follow({ key, epoch }, { nodeId }) {
      done.push({ kind: 'follow', key, epoch, parentId: nodeId, atMs: monotonicMs() });
    },
    end: (key) => void done.push({ kind: 'end', key, atMs: monotonicMs() }),
  };
  await start(streams);
  return {
    node,
    state,
    done,
    events,
    last: (key) => done.findLast((one) => one.key === key),
    cut: () => relay.close(),
    async mend() {
      relay = await openTcpRelay(server.port, relay.port);
    },
    async close() {
      await close();
      relay.close();
    },
  };
}
