/** A real server that pulls live streams of an origin, and viewers who join them: each in processes of their own. */
import { findAll, pull } from '../server/pulls.js';
import { type RunningSluice, startSluice } from '../server/sluice.js';
import { type Usage, usageOf } from '../server/usage.js';
import { type Cameras, startCameras } from '../source/cameras.js';
import { until } from '../until.js';
import { type Load, type LoadOptions, startLoad } from './load.js';

export interface Stage {
  readonly sluice: RunningSluice;
  readonly cameras: Cameras;
  /** Pulls all of them at once; resolves when media of each flow, with the time that it took. */
  pull(names: readonly string[], timeoutMs?: number): Promise<number>;
  terminate(name: string): Promise<void>;
  endpoint(name: string): string;
  /** Ends with the stage. */
  load(options: LoadOptions): Load;
  usage(): Usage;
  /** Threads of streams that ended in another way than they were asked to. */
  faults(): readonly string[];
  close(): Promise<void>;
}

/** All viewers come from one address. */
const flags = ['--viewers.maxPerIp=100000', '--viewers.maxPerStream=100000', '--pulls.max=1000'];
const faultEvents = new Set(['actor.condemned', 'actor.abandoned', 'actor.cannotBeEnded', 'actors.leftBehind']);

export async function openStage(): Promise<Stage> {
  const [cameras, sluice] = await Promise.all([startCameras(), startSluice(flags)]);
  const loads: Load[] = [];
  /** Whatever waits for the server fails at once where it is gone. */
  const gone = sluice.child.exited.then((code) => {
    throw new Error(`the server ended with ${code}; its last lines:\n${sluice.child.lines.slice(-10).join('\n')}`);
  });
  gone.catch(() => {});
  const flowing = async (): Promise<ReadonlySet<string>> => {
    const listed = await findAll(sluice);
    return new Set(
      listed.filter(({ status }) => status === 'PROCESSED_REMOTE').map(({ localStreamName }) => localStreamName),
    );
  };
  const guarded = (load: Load): Load => ({
    join: (...order) => Promise.race([load.join(...order), gone]),
    leave: (...order) => Promise.race([load.leave(...order), gone]),
    measure: load.measure,
    result: () => Promise.race([gone, load.result()]),
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
      const flow = async (): Promise<boolean> => {
        const up = await flowing();
        return names.every((name) => up.has(name));
      };
      await Promise.race([gone, Promise.all([pulls, until(`${names.length} streams flow`, flow, timeoutMs)])]);
      return performance.now() - startMs;
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
    faults: () =>
      sluice
        .log()
        .filter(({ event, exitCode }) => faultEvents.has(event) || (event === 'actor.ended' && exitCode !== 0))
        .map((line) => JSON.stringify(line)),
    async close() {
      await Promise.all(loads.map((load) => load.end()));
      await sluice.stop();
      await cameras.stop();
    },
  };
}
