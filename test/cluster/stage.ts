/** Three nodes on hosts of their own, the registry, the sources and a browser beside them, in the hub (support/network/hosts.ts). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { startChromium } from '../support/browser/chromium.js';
import { type PageServer, startPageServer } from '../support/browser/page-server.js';
import { type RedisServer, startRedisServer } from '../support/cluster/redis-server.js';
import { type Load, startLoad } from '../support/load/load.js';
import { type Host, hostsOf, hubAddress } from '../support/network/hosts.js';
import { type Cameras, startCameras } from '../support/source/cameras.js';
import { until } from '../support/until.js';
import { type ClusterNode, startNode } from './node.js';

export const nodeNames = ['a', 'b', 'c'] as const;
export type NodeName = (typeof nodeNames)[number];

const password = 'password-of-the-tests';

export interface ClusterStage {
  readonly redis: RedisServer;
  readonly cameras: Cameras;
  readonly pages: PageServer;
  readonly nodes: readonly ClusterNode[];
  node(name: string): ClusterNode;
  /** Another life of a node that has ended. */
  startAgain(name: string, flags?: readonly string[]): Promise<ClusterNode>;
  /** Viewers at the host of a node. They end with the stage. */
  load(name: string): Load;
  browser(): Promise<Browser>;
  /** All lives of each node, in a file of its name. */
  keepLogs(folder: string): void;
  end(): Promise<void>;
}

export interface StageWish {
  readonly flags?: readonly string[];
  readonly bitrateKbps?: number;
}

export async function openClusterStage({ flags = [], bitrateKbps = 800 }: StageWish = {}): Promise<ClusterStage> {
  const hosts = hostsOf(nodeNames);
  const ends: (() => Promise<unknown>)[] = [];
  const end = async (): Promise<void> => {
    for (const stop of ends.splice(0).reverse()) await stop();
  };
  const kept = async <T>(thing: Promise<T>, stop: (thing: T) => Promise<unknown>): Promise<T> => {
    const ready = await thing;
    ends.push(() => stop(ready));
    return ready;
  };
  const hostOf = (name: string): Host =>
    hosts.find((host) => host.name === name) ?? hosts[0] ?? fail(`no host ${name}`);
  const living = new Map<string, ClusterNode>();
  const all: ClusterNode[] = [];
  const start = async (host: Host, more: readonly string[]): Promise<ClusterNode> => {
    const node = await kept(
      startNode(host, [`--cluster.redis=${redis.url}`, `--cluster.redisPassword=${password}`, ...flags, ...more]),
      (one) => one.child.stop('SIGKILL'),
    );
    living.set(host.name, node);
    all.push(node);
    return node;
  };
  const redis = await kept(startRedisServer({ host: hubAddress, password, isKept: true }), (one) => one.stop());
  try {
    const cameras = await kept(startCameras(bitrateKbps, hubAddress), (one) => one.stop());
    const pages = await kept(startPageServer(), (one) => one.stop());
    for (const host of hosts) await start(host, []);
    const nodes = () => nodeNames.flatMap((name) => living.get(name) ?? []);
    await until('all know each other', async () => {
      const views = await Promise.all(nodes().map((node) => node.cluster()));
      return views.every((view) => view?.nodes.length === hosts.length);
    });
    return {
      redis,
      cameras,
      pages,
      get nodes() {
        return nodes();
      },
      node: (name) => living.get(name) ?? fail(`no node ${name}`),
      startAgain: (name, more = []) => start(hostOf(name), more),
      load(name) {
        const { under } = hostOf(name);
        const load = startLoad({ processes: 1, usesGro: true, openEvery: 64 }, under);
        ends.push(() => load.end());
        return load;
      },
      keepLogs(folder) {
        mkdirSync(folder, { recursive: true });
        for (const name of nodeNames) {
          const lives = all.filter((node) => node.name === name).map(({ child }) => child.lines.join('\n'));
          writeFileSync(join(folder, `${name}.log`), `${lives.join('\n')}\n`);
        }
      },
      browser: () => kept(startChromium(), (one) => one.close()),
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

function fail(words: string): never {
  throw new Error(words);
}
