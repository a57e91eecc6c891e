/** Viewers who come and go, and streams that are pulled and ended under them: nobody else is disturbed, and nothing is left behind. */
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../random.js';
import type { JoinedViewer, Leaving, Load, ViewerName } from './load.js';
import type { Stage } from './stage.js';

export interface ChurnPlan {
  readonly seconds: number;
  /** Streams that stay all the time, and those of which the oldest gives way to a new one each other second. */
  readonly steadyStreams: number;
  readonly passingStreams: number;
  /** About so many at a time. */
  readonly viewers: number;
  readonly joinsPerSecond: number;
  readonly seed: number;
}

export interface Churned {
  readonly joined: readonly JoinedViewer[];
  readonly left: number;
  readonly pulled: number;
  readonly terminated: number;
  /** Viewers who were disturbed, joins that failed, streams of which nothing came. */
  readonly failures: readonly string[];
}

interface Guest {
  readonly viewer: ViewerName;
  readonly stream: string;
}

const roundMs = 1000;
const leavings: readonly Leaving[] = ['delete', 'closeNotify', 'vanish'];

export async function churn(stage: Stage, load: Load, plan: ChurnPlan): Promise<Churned> {
  const run = createChurn(stage, load, plan);
  await run.begin();
  const endMs = performance.now() + plan.seconds * 1000;
  for (let round = 0; performance.now() < endMs; round += 1) {
    const startMs = performance.now();
    await run.join();
    await run.leaveTooMany(leavings[round % leavings.length] ?? 'delete');
    if (round % 2 === 1) await run.replaceStream();
    await delay(Math.max(0, startMs + roundMs - performance.now()));
  }
  return run.end();
}

function createChurn(stage: Stage, load: Load, plan: ChurnPlan) {
  const random = createRandom(plan.seed);
  const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(random() * all.length)];
  const nameOf = (n: number): string => `passing${plan.seed}-${n}`;
  const steady = Array.from({ length: plan.steadyStreams }, (_, n) => `steady${n}`);
  let passing = Array.from({ length: plan.passingStreams }, (_, n) => nameOf(n));
  let guests: readonly Guest[] = [];
  const joined: JoinedViewer[] = [];
  const failures: string[] = [];
  let [left, pulled, terminated] = [0, 0, 0];

  const pull = async (names: readonly string[]): Promise<void> => {
    const { missing } = await stage.pull(names);
    failures.push(...missing.map((name) => `no media of ${name}`));
    pulled += names.length;
  };
  const terminate = async (names: readonly string[]): Promise<void> => {
    for (const name of names) await stage.terminate(name);
    terminated += names.length;
  };
  const leave = async (going: readonly Guest[], leaving: Leaving): Promise<void> => {
    guests = guests.filter((guest) => !going.includes(guest));
    left += going.length;
    await load.leave(
      going.map(({ viewer }) => viewer),
      leaving,
    );
  };
  const watching = (name: string): readonly Guest[] => guests.filter(({ stream }) => stream === name);
  /** Those who have not left: every stream that ends is left first, or its viewers right behind. */
  const look = async (): Promise<void> => {
    const { ended, silent } = await load.result();
    if (ended + silent > 0) failures.push(`${ended} viewers were ended, ${silent} got nothing for 2 s`);
  };
  return {
    begin: () => pull([...steady, ...passing]),
    /** So many of a second, each at a stream by chance. */
    async join(): Promise<void> {
      const streams = Array.from({ length: plan.joinsPerSecond }, () => pick([...steady, ...passing]) ?? '');
      const came = await load.join(streams.map(stage.endpoint), roundMs * 0.9);
      joined.push(...came);
      for (const { viewer, endpoint, error } of came) {
        if (error !== null) failures.push(`${endpoint}: ${error}`);
        if (viewer !== null) guests = [...guests, { viewer, stream: endpoint.slice(endpoint.lastIndexOf('/') + 1) }];
      }
      await look();
    },
    leaveTooMany: (leaving: Leaving) => leave(guests.slice(0, Math.max(0, guests.length - plan.viewers)), leaving),
    /** The oldest of those that pass ends, behind its viewers or under them, and another one comes. */
    async replaceStream(): Promise<void> {
      const [oldest = '', ...others] = passing;
      if (random() < 0.5) await leave(watching(oldest), 'delete');
      await terminate([oldest]);
      await leave(watching(oldest), 'vanish');
      passing = [...others, nameOf(pulled)];
      await pull(passing.slice(-1));
    },
    async end(): Promise<Churned> {
      await look();
      await leave(guests, 'closeNotify');
      await terminate([...steady, ...passing]);
      return { joined, left, pulled, terminated, failures };
    },
  };
}
