/** A cluster of a simulation before anything goes wrong, and what its users do. */
import type { RegistryChange, WantedStream } from '../../src/core/cluster/records.js';
import { createRandom } from '../support/random.js';
import { createHost } from './host.js';
import { createJudge } from './judge.js';
import { createNetwork } from './network.js';
import { createSchedule } from './schedule.js';
import { createStore, type Store } from './store.js';
import type { Host, World } from './world.js';

export interface Stage extends World {
  /** What users asked for. */
  readonly wishes: Map<string, { readonly nodeId: string; readonly atMs: number }>;
  readonly endings: Map<string, string>;
  copy: ReturnType<Store['copy']> | null;
  lostDataMs: number;
  hostCount: number;
  /** Processes that ended by themselves. */
  crashes: number;
}

export const between = (stage: Stage, least: number, most: number): number => least + (most - least) * stage.random();
export const pick = <T>(stage: Stage, all: readonly T[]): T | undefined => all[Math.floor(stage.random() * all.length)];
export const working = (stage: Stage): readonly Host[] => [...stage.hosts.values()].filter((host) => !host.isPaused);

export function newHost(stage: Stage): Host {
  stage.hostCount++;
  return createHost(stage, `n${stage.hostCount}`);
}

export function wish(stage: Stage, key: string): void {
  const host = pick(stage, working(stage));
  if (host === undefined) return;
  const stream: WantedStream = { key, pullId: `pull of ${key}`, name: null, label: '', sealed: '' };
  stage.wishes.set(key, { nodeId: host.nodeId, atMs: stage.schedule.nowMs });
  host.on({ kind: 'want', stream });
}

export function createStage(seed: number): Stage {
  const random = createRandom(seed);
  const schedule = createSchedule();
  const hosts = new Map<string, Host>();
  const judge = createJudge(() => schedule.nowMs, hosts);
  const tell = (change: RegistryChange): void => {
    for (const host of hosts.values()) host.hear(change);
  };
  const stage: Stage = {
    schedule,
    network: createNetwork(random),
    store: createStore(() => schedule.nowMs, tell, judge.granted),
    judge,
    random,
    maxChildren: 1 + Math.floor(4 * random()),
    poisons: new Map(),
    hosts,
    crash(nodeId) {
      if (!hosts.has(nodeId)) return;
      stage.crashes++;
      hosts.get(nodeId)?.kill();
      schedule.after(between(stage, 500, 5000), () => newHost(stage));
    },
    wishes: new Map(),
    endings: new Map(),
    copy: null,
    lostDataMs: Number.NEGATIVE_INFINITY,
    hostCount: 0,
    crashes: 0,
  };
  const keepCopy = (): void => {
    if (!stage.store.isDown) stage.copy = stage.store.copy();
    schedule.after(5000, keepCopy);
  };
  keepCopy();
  return stage;
}
