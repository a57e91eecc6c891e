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
  /** Viewers who were disturbed; each is told once. */
  readonly failures: readonly string[];
}

interface Guest {
  readonly viewer: ViewerName;
  readonly stream: string;
}

const leavings: readonly Leaving[] = ['delete', 'closeNotify', 'vanish'];

/** `ended` and `silent` count those alone who have not left: every stream that ends is left first, or its viewers right behind. */
async function disturbed(load: Load): Promise<readonly string[]> {
  const { ended, silent } = await load.result();
  return ended + silent > 0 ? [`${ended} viewers were ended, ${silent} got nothing for 2 s`] : [];
}

export async function churn(stage: Stage, load: Load, plan: ChurnPlan): Promise<Churned> {
  const random = createRandom(plan.seed);
  const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(random() * all.length)];
  const steady = Array.from({ length: plan.steadyStreams }, (_, n) => `steady${n}`);
  let passing = Array.from({ length: plan.passingStreams }, (_, n) => `passing${plan.seed}-${n}`);
  let guests: readonly Guest[] = [];
  const joined: JoinedViewer[] = [];
  const failures: string[] = [];
  let [left, pulled, terminated] = [0, steady.length + passing.length, 0];

  const pull = async (names: readonly string[]): Promise<void> => {
    const { missing } = await stage.pull(names);
    failures.push(...missing.map((name) => `no media of ${name}`));
  };
  const leave = async (going: readonly Guest[], leaving: Leaving): Promise<void> => {
    guests = guests.filter((guest) => !going.includes(guest));
    left += going.length;
    await load.leave(
      going.map(({ viewer }) => viewer),
      leaving,
    );
  };
  const join = async (): Promise<void> => {
    const streams = Array.from({ length: plan.joinsPerSecond }, () => pick([...steady, ...passing]) ?? '');
    const came = await load.join(streams.map(stage.endpoint), 900);
    joined.push(...came);
    failures.push(...came.flatMap(({ endpoint, error }) => (error === null ? [] : [`${endpoint}: ${error}`])));
    guests = [
      ...guests,
      ...came.flatMap(({ viewer, endpoint }) =>
        viewer === null ? [] : [{ viewer, stream: endpoint.slice(endpoint.lastIndexOf('/') + 1) }],
      ),
    ];
  };
  /** The oldest of those that pass ends, before its viewers go or under them, and another one comes. */
  const replaceStream = async (): Promise<void> => {
    const [oldest = '', ...others] = passing;
    const watching = guests.filter(({ stream }) => stream === oldest);
    if (random() < 0.5) await leave(watching, 'delete');
    await stage.terminate(oldest);
    await leave(
      guests.filter(({ stream }) => stream === oldest),
      'vanish',
    );
    const next = `passing${plan.seed}-${pulled}`;
    await pull([next]);
    passing = [...others, next];
    pulled += 1;
    terminated += 1;
  };

  await pull([...steady, ...passing]);
  const endMs = performance.now() + plan.seconds * 1000;
  for (let round = 0; performance.now() < endMs; round += 1) {
    const startMs = performance.now();
    await join();
    failures.push(...(await disturbed(load)));
    const tooMany = Math.max(0, guests.length - plan.viewers);
    await leave(guests.slice(0, tooMany), leavings[round % leavings.length] ?? 'delete');
    if (round % 2 === 1) await replaceStream();
    await delay(Math.max(0, startMs + 1000 - performance.now()));
  }
  failures.push(...(await disturbed(load)));
  await leave(guests, 'closeNotify');
  for (const name of [...steady, ...passing]) await stage.terminate(name);
  terminated += steady.length + passing.length;
  return { joined, left, pulled, terminated, failures };
}
