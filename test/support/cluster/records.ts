/** Records of a registry, each as a test needs it. */
import { randomUUID } from 'node:crypto';
import { protocol } from '../../../src/cluster/protocol.js';
import type { Claim, Edge, NodeRecord, WantedStream } from '../../../src/core/cluster/records.js';

export const nodeRecord = (nodeId: string, change: Partial<NodeRecord> = {}): NodeRecord => ({
  nodeId,
  name: `name of ${nodeId}`,
  protocol,
  label: '',
  addresses: { http: `http://${nodeId}:8081`, ws: `ws://${nodeId}:8080`, rtmp: `${nodeId}:1935` },
  room: { cpu: 200, kbps: null, streams: 100, viewers: 1000 },
  isDraining: false,
  trialKey: null,
  ...change,
});

export const wantedStream = (key: string, change: Partial<WantedStream> = {}): WantedStream => ({
  key,
  pullId: randomUUID(),
  name: null,
  label: '',
  sealed: '1.sealed',
  ...change,
});

export const claimWish = (key: string, nodeId: string): Omit<Claim, 'epoch'> => ({
  key,
  nodeId,
  pullId: `pull of ${key}`,
  name: null,
  shown: '{}',
});

export const edgeRecord = (key: string, nodeId: string, change: Partial<Edge> = {}): Edge => ({
  key,
  nodeId,
  epoch: 1,
  parentId: 'owner',
  depth: 1,
  viewers: 3,
  delayMs: null,
  ...change,
});
