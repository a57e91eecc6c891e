/** A real server that pulls live streams of an origin, and viewers who join them: each in processes of their own. */
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { findAll, pull } from '../server/pulls.js';
import { type RunningSluice, startSluice } from '../server/sluice.js';
import { type Usage, usageOf } from '../server/usage.js';
import { type Cameras, startCameras } from '../source/cameras.js';
import { type Load, type LoadOptions, startLoad } from './load.js';

export interface Pulled {
  readonly tookMs: number;
  /** Names of which no media flowed in time. */
  readonly missing: readonly string[];
}

export interface Stage {
  readonly sluice: RunningSluice;
  readonly cameras: Cameras;
  /** Pulls all of them at once; resolves when media of each flow, or the time is over. */
  pull(names: readonly string[], timeoutMs?: number): Promise<Pulled>;
  terminate(name: string): Promise<void>;
  endpoint(name: string): string;
  /** Ends with the stage. */
  load(options: LoadOptions): Load;
  usage(): Usage;
  /** Gives what the work gives; fails at once where the server ends meanwhile. */
  whileUp<T>(work: Promise<T>): Promise<T>;
  /** Threads of streams that ended in another way than they were asked to. */
  faults(): readonly string[];
  close(): Promise<void>;
}

const pollMs = 50;
/** All viewers come from one address. */
const flags = [
  ...['maxPerIp', 'maxPerStream', 'max', 'maxUnfinished', 'maxUnfinishedPerIp'].map(
    (name) => `--viewers.${name}=100000`,
  ),
  '--pulls.max=1000',
];
const faultEvents = new Set(['actor.condemned', 'actor.abandoned', 'actor.cannotBeEnded', 'actors.leftBehind']);

/** `logFile`: where the server's log goes in the end; null: nowhere. `more`: flags of the server. */
export async function openStage(logFile: string | null = null, more: readonly string[] = []): Promise<Stage> {
  const [cameras, sluice] = await Promise.all([startCameras(), startSluice([...flags, ...more])]);
  const loads: Load[] = [];
  const gone: Promise<never> = sluice.child.exited.then((code) => {
    throw new Error(`the server ended with ${code}; its last lines:\n${sluice.child.lines.slice(-10).join('\n')}`);
  });
  gone.catch(() => {});
  const whileUp = <T>(work: Promise<T>): Promise<T> => Promise.race([gone, work]);
  const flowing = async (): Promise<ReadonlySet<string>> => {
    const listed = await findAll(sluice);
    return new Set(
      listed.filter(({ status }) => status === 'PROCESSED_REMOTE').map(({ localStreamName }) => localStreamName),
    );
  };
  const guarded = (load: Load): Load => ({
    join: (...order) => whileUp(load.join(...order)),
    leave: (...order) => whileUp(load.leave(...order)),
    measure: load.measure,
    result: () => whileUp(load.result()),
    end: load.end,
  });
  return {
    sluice,
    cameras,
    async pull(names, timeoutMs = 60_000) {
      const startMs = performance.now();
      const pulls = Promise.all(
        names.map(async (name) => {
          const { status } = await pull(sluice, cameras.url(name), name);
          if (status !== 200) throw new Error(`pull of ${name} answered ${status}`);
        }),
      );
      await whileUp(pulls);
      for (;;) {
        const up = await whileUp(flowing());
        const missing = names.filter((name) => !up.has(name));
        const tookMs = performance.now() - startMs;
        if (missing.length === 0 || tookMs > timeoutMs) return { tookMs, missing };
        await delay(pollMs);
      }
    },
    async terminate(name) {
      const { status } = await sluice.post('/rest-api/pull/rtmp/terminate', { uri: cameras.url(name) });
      if (status !== 200) throw new Error(`terminate of ${name} answered ${status}`);
    },
    endpoint: (name) => `${sluice.rest}/whep/${name}`,
    load(options) {
      const load = guarded(startLoad(options));
      loads.push(load);
      return load;
    },
    usage: () => usageOf(sluice.child.pid),
    whileUp,
    faults: () =>
      sluice
        .log()
        .filter(({ event, exitCode }) => faultEvents.has(event) || (event === 'actor.ended' && exitCode !== 0))
        .map((line) => JSON.stringify(line)),
    async close() {
      await Promise.all(loads.map((load) => load.end()));
      await sluice.stop();
      await cameras.stop();
      if (logFile !== null) writeFileSync(logFile, sluice.child.lines.join('\n'));
    },
  };
}
