/** A hundred who join one stream, at a steady rate and then at once, while others watch it. */
import { setTimeout as delay } from 'node:timers/promises';
import { quantileMs } from '../../support/load/histogram.js';
import type { JoinedViewer, Load, LoadOptions, LoadResult } from '../../support/load/load.js';
import { openStage, type Stage } from '../../support/load/stage.js';
import { atMost, type Figure, type Finding, logFileOf, ms, plain, reached } from './figure.js';
import {
  clientFigures,
  failuresOf,
  joinFailures,
  joinTimes,
  lostFigure,
  type WatchedLoad,
  watchWhile,
} from './watch.js';

const stream = 'cam';
const watchers = 50;
const joins = 100;
/** Behind the last join, that what came late is seen. */
const afterMs = 2000;

interface StormPlan {
  readonly what: string;
  readonly spreadMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly watchersP99Ms: number;
}

const storms: readonly StormPlan[] = [
  { what: 'at 20 a second', spreadMs: (joins * 1000) / 20, p50Ms: 15, p99Ms: 60, watchersP99Ms: 40 },
  { what: 'at once', spreadMs: 0, p50Ms: 250, p99Ms: 500, watchersP99Ms: 40 },
];

interface Storm {
  readonly plan: StormPlan;
  readonly joined: readonly JoinedViewer[];
  readonly watching: WatchedLoad;
  readonly joining: LoadResult;
}

async function storm(stage: Stage, watching: Load, joining: Load, plan: StormPlan): Promise<Storm> {
  let joined: readonly JoinedViewer[] = [];
  await joining.measure();
  const watched = await watchWhile(stage, watching, async () => {
    joined = await joining.join(new Array<string>(joins).fill(stage.endpoint(stream)), plan.spreadMs);
    await delay(afterMs);
  });
  const result = await joining.result();
  await joining.leave(
    joined.flatMap(({ viewer }) => viewer ?? []),
    'delete',
  );
  return { plan, joined, watching: watched, joining: result };
}

function figuresOf({ plan, joined, watching: { watched }, joining }: Storm): readonly Figure[] {
  const times = joinTimes(joined);
  return [
    reached(`${plan.what}: viewers up`, times.up, joins),
    atMost('POST to keyframe p50', times.p50Ms, plan.p50Ms, 'ms'),
    atMost('POST to keyframe p99', times.p99Ms, plan.p99Ms, 'ms'),
    atMost('delay of those who watch, p99', watched.delayP99Ms, plan.watchersP99Ms, 'ms', 1),
    plain('p50; cores of the server', `${ms(watched.delayP50Ms)} ms; ${watched.serverCores.toFixed(2)}`),
    lostFigure('packets lost; frames left out of those who watch', [watched]),
    plain(
      'client of those who join: cores; late by p50 / p99',
      `${(joining.cpuMs / joining.wallMs).toFixed(2)}; ${ms(quantileMs(joining.lag, 0.5))} / ${ms(quantileMs(joining.lag, 0.99))} ms`,
    ),
    ...clientFigures(watched),
  ];
}

export async function measureStorm(scenario: string, options: LoadOptions): Promise<Finding> {
  const stage = await openStage(logFileOf(scenario));
  try {
    await stage.pull([stream]);
    // Those who watch have a process of their own, so that their delay is theirs alone.
    const [watching, joining] = [stage.load({ ...options, processes: 1 }), stage.load({ ...options, processes: 1 })];
    const first = await watching.join(new Array<string>(watchers).fill(stage.endpoint(stream)), 5000);
    await delay(afterMs);
    const all: Storm[] = [];
    for (const plan of storms) {
      all.push(await storm(stage, watching, joining, plan));
      await delay(afterMs);
    }
    return {
      scenario,
      title: `${joins} join one stream while ${watchers} watch`,
      figures: all.flatMap(figuresOf),
      failures: [
        ...joinFailures(first),
        ...all.flatMap(({ joined, watching: seen }) => [...joinFailures(joined), ...failuresOf(seen)]),
        ...stage.faults(),
      ],
      raw: all.map(({ plan, joined, watching: { watched } }) => ({ plan, times: joinTimes(joined), watched })),
    };
  } finally {
    await stage.close();
  }
}
