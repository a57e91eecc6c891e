/** Nodes of one cluster in one process, each with its real threads, its server and its RTMP out, over the registry in memory. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { monotonicMs } from '../../src/clock.js';
import { type Cluster, createCluster } from '../../src/cluster/cluster.js';
import type { Registry } from '../../src/cluster/registry.js';
import { createMemoryRegistry } from '../../src/cluster/registry-memory.js';
import { type Settings, settingsSchema } from '../../src/config/schema.js';
import { hashOf, pairHash } from '../../src/core/cluster/hash.js';
import { createLogLevels } from '../../src/log-levels.js';
import type { LogFields } from '../../src/log-line.js';
import { startRtmpListener } from '../../src/rtmp-out/listener.js';
import { createLogTail } from '../../src/server/log-tail.js';
import { startServer } from '../../src/server/server.js';
import type { LocalStreams } from '../../src/supervisor/streams.js';
import { createStreams } from '../../src/supervisor/supervisor.js';
import { createFakeDrain } from '../server/fake-drain.js';
import { pageFiles } from '../server/stage.js';
import { openSlowRelay } from '../support/network/slow-relay.js';
import { freePort } from '../support/server/free-port.js';
import { until } from '../support/until.js';

export interface PlayingNode {
  readonly name: string;
  readonly rest: string;
  readonly signalling: string;
  readonly cluster: Cluster;
  readonly local: LocalStreams;
  readonly lines: readonly { readonly event: string; readonly fields: LogFields }[];
  post(path: string, body: object, redirect?: 'follow' | 'manual'): Promise<Response>;
  get<Answer>(path: string): Promise<Answer>;
  /** What find_all lists here. */
  listed(): Promise<readonly ListedStream[]>;
  /** It is gone; an orderly one tells the others. */
  end(isOrderly: boolean): Promise<void>;
}

export interface ListedStream {
  readonly localMediaSessionId: string;
  readonly localStreamName: string;
  readonly uri: string;
  readonly status: string;
  readonly reason: { readonly code: string } | null;
}

interface NodesOptions {
  readonly settings?: Readonly<Record<string, object>>;
  /** Links to each node take so much longer, each way. Default: 0. */
  readonly linkDelayMs?: number;
  /** Each node records into a folder of its name there. Default: none records. */
  readonly recordsTo?: string;
}

/** At 127.0.0.1 and on; called `a`, `b` and so on. They know of each other. */
export async function startNodes(t: TestContext, count: number, options: NodesOptions = {}) {
  const registry = createMemoryRegistry(monotonicMs, Math.round(Date.now() / 1000));
  const names = ['a', 'b', 'c', 'd'].slice(0, count);
  const nodes = await Promise.all(
    names.map((name, n) => startNode(name, `127.0.0.${n + 1}`, registry.open(), options)),
  );
  t.after(() => Promise.all(nodes.map((node) => node.end(false))));
  await until('all know each other', () => nodes.every(({ cluster }) => cluster.state.view().nodes.length === count));
  return nodes;
}

/** Of each stream the nodes stand in one order, in which parents come first (core/cluster/tree.ts). */
export function inTreeOrder(key: string, nodes: readonly PlayingNode[]): readonly PlayingNode[] {
  const orderOf = ({ cluster }: PlayingNode): number => pairHash(hashOf(key), hashOf(cluster.state.nodeId));
  return [...nodes].sort((one, other) => orderOf(one) - orderOf(other));
}

async function startNode(name: string, host: string, registry: Registry, options: NodesOptions): Promise<PlayingNode> {
  const lines: { event: string; fields: LogFields }[] = [];
  const settings = await settingsOf(name, host, options);
  const log = (_level: unknown, event: string, fields: LogFields = {}): void => void lines.push({ event, fields });
  const local = await createStreams({ settings, log });
  const cluster = createCluster({ settings, registry, local, log, nowMs: monotonicMs });
  const webFolder = mkdtempSync(join(tmpdir(), 'sluice-web-'));
  for (const file of pageFiles) writeFileSync(join(webFolder, file), '');
  const server = await startServer({
    settings,
    streams: cluster.streams,
    cluster: cluster.state,
    peers: cluster.peers,
    drain: createFakeDrain(),
    log,
    logTail: createLogTail(),
    logLevels: createLogLevels('info'),
    version: '1.0.0',
    commit: '',
    webFolder,
  });
  const { linkDelayMs = 0 } = options;
  const linkPort = linkDelayMs === 0 ? settings.rtmpOut.port : await freePort();
  const relay =
    linkDelayMs === 0 ? null : await openSlowRelay({ host, port: settings.rtmpOut.port }, linkPort, linkDelayMs);
  const rtmpOut = await startRtmpListener({
    settings: { ...settings, rtmpOut: { ...settings.rtmpOut, port: linkPort } },
    streams: cluster.streams,
    links: cluster.links,
    gate: server.gate,
    log,
  });
  await cluster.join(server);
  const rest = `http://${host}:${server.restPort}`;
  let ending: Promise<void> | null = null;
  const end = async (isOrderly: boolean): Promise<void> => {
    if (isOrderly) await cluster.leave();
    relay?.close();
    await rtmpOut.close();
    await cluster.streams.close();
    await server.close();
    await cluster.leave();
    rmSync(webFolder, { recursive: true, force: true });
  };
  return {
    name,
    rest,
    signalling: `ws://${host}:${server.wsPort}`,
    cluster,
    local,
    lines,
    post: (path, body, redirect = 'follow') =>
      fetch(`${rest}${path}`, {
        method: 'POST',
        redirect,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    get: async (path) => JSON.parse(await (await fetch(`${rest}${path}`)).text()),
    async listed() {
      const answer = await fetch(`${rest}/rest-api/pull/rtmp/find_all`);
      return JSON.parse(await answer.text());
    },
    end(isOrderly) {
      ending ??= end(isOrderly);
      return ending;
    },
  };
}

async function settingsOf(
  name: string,
  host: string,
  { settings = {}, recordsTo = '' }: NodesOptions,
): Promise<Settings> {
  const parts: Record<string, object> = {
    server: { host, restPort: 0, wsPort: 0, restTlsPort: 0, wsTlsPort: 0 },
    webrtc: { listen: ['127.0.0.1'], portMin: 0, portMax: 0 },
    rtmpOut: { port: await freePort() },
    cluster: { redis: 'redis://127.0.0.1', secret: 'a secret of the tests', advertise: host, node: name },
    recordings: { folder: recordsTo === '' ? '' : join(recordsTo, name) },
    pulls: { viewerAllow: ['127.0.0.0/8'], viewerPorts: [] },
    supervisor: { faultInjection: true, spareThreads: 0 },
    // Twelve nodes start in one process, and all of them are late: nobody is refused for it.
    viewers: { maxCpuPercent: 0, maxLoopLagMs: 0 },
  };
  for (const [part, change] of Object.entries(settings)) parts[part] = { ...parts[part], ...change };
  return settingsSchema.parse(parts);
}
