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
import { createLogLevels } from '../../src/log-levels.js';
import type { LogFields } from '../../src/log-line.js';
import { startRtmpListener } from '../../src/rtmp-out/listener.js';
import { createLogTail } from '../../src/server/log-tail.js';
import { startServer } from '../../src/server/server.js';
import type { LocalStreams } from '../../src/supervisor/streams.js';
import { createStreams } from '../../src/supervisor/supervisor.js';
import { createFakeDrain } from '../server/fake-drain.js';
import { pageFiles } from '../server/stage.js';
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
}

/** At 127.0.0.1 and on; called `a`, `b` and so on. They know of each other. */
export async function startNodes(t: TestContext, count: number, { settings = {} }: NodesOptions = {}) {
  const registry = createMemoryRegistry(monotonicMs, Math.round(Date.now() / 1000));
  const names = ['a', 'b', 'c', 'd'].slice(0, count);
  const nodes = await Promise.all(
    names.map((name, n) => startNode(name, `127.0.0.${n + 1}`, registry.open(), settings)),
  );
  t.after(() => Promise.all(nodes.map((node) => node.end(false))));
  await until('all know each other', () => nodes.every(({ cluster }) => cluster.state.view().nodes.length === count));
  return nodes;
}

async function startNode(
  name: string,
  host: string,
  registry: Registry,
  more: Readonly<Record<string, object>>,
): Promise<PlayingNode> {
  const lines: { event: string; fields: LogFields }[] = [];
  const settings = await settingsOf(name, host, more);
  const log = (_level: unknown, event: string, fields: LogFields = {}): void => void lines.push({ event, fields });
  const local = await createStreams({ settings, log });
  const cluster = createCluster({ settings, registry, local, log, nowMs: monotonicMs });
  const webFolder = mkdtempSync(join(tmpdir(), 'sluice-web-'));
  for (const file of pageFiles) writeFileSync(join(webFolder, file), '');
  const server = await startServer({
    settings,
    streams: cluster.streams,
    cluster: cluster.state,
    drain: createFakeDrain(),
    log,
    logTail: createLogTail(),
    logLevels: createLogLevels('info'),
    version: '1.0.0',
    commit: '',
    webFolder,
  });
  const rtmpOut = await startRtmpListener({
    settings,
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

async function settingsOf(name: string, host: string, more: Readonly<Record<string, object>>): Promise<Settings> {
  const parts: Record<string, object> = {
    server: { host, restPort: 0, wsPort: 0, restTlsPort: 0, wsTlsPort: 0 },
    webrtc: { listen: ['127.0.0.1'], portMin: 0, portMax: 0 },
    rtmpOut: { port: await freePort() },
    cluster: { redis: 'redis://127.0.0.1', secret: 'a secret of the tests', advertise: host, node: name },
    recordings: { folder: '' },
    pulls: { viewerAllow: ['127.0.0.0/8'], viewerPorts: [] },
    supervisor: { faultInjection: true, spareThreads: 0 },
  };
  for (const [part, change] of Object.entries(more)) parts[part] = { ...parts[part], ...change };
  return settingsSchema.parse(parts);
}
