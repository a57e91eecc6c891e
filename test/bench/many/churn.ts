/** Ten minutes of coming and going: what the server takes of the machine comes back to where it was. */
import { setTimeout as delay } from 'node:timers/promises';
import { type ChurnPlan, churn } from '../../support/load/churn.js';
import type { LoadOptions } from '../../support/load/load.js';
import { openStage, type Stage } from '../../support/load/stage.js';
import type { Usage } from '../../support/server/usage.js';
import { until } from '../../support/until.js';
import { atMost, type Finding, logFileOf, ms, plain, reached } from './figure.js';
import { clientFigures, joinTimes, lostFigure, watchWhile } from './watch.js';

const plan = { steadyStreams: 10, passingStreams: 10, viewers: 150, joinsPerSecond: 15 } as const;
/** Behind it all that stays is there: code, pools, what malloc keeps. */
const warmUpSeconds = 60;
/** Viewers who went silently are held for viewers.silenceTimeoutMs; what is free goes back to the system some time after. */
const quietMs = 45_000;
const backTimeoutMs = 60_000;

/** Quiet, and with as few threads and descriptors, where those come back. */
async function settled(stage: Stage, aim: Usage | null): Promise<Usage> {
  await delay(quietMs);
  const isBack = (): boolean => {
    const { threads, descriptors } = stage.usage();
    return aim === null || (threads <= aim.threads && descriptors <= aim.descriptors);
  };
  await until('threads and descriptors are back', isBack, backTimeoutMs).catch(() => {});
  return stage.usage();
}

export async function measureChurn(scenario: string, options: LoadOptions, seconds: number): Promise<Finding> {
  const stage = await openStage(logFileOf(scenario));
  try {
    const load = stage.load(options);
    const run = (planned: Pick<ChurnPlan, 'seconds' | 'seed'>) => churn(stage, load, { ...plan, ...planned });
    const warm = await run({ seconds: Math.min(warmUpSeconds, seconds), seed: 1 });
    const before = await settled(stage, null);
    let churned = warm;
    const { watched } = await watchWhile(stage, load, async () => {
      churned = await run({ seconds, seed: 2 });
    });
    const after = await settled(stage, before);
    const times = joinTimes(churned.joined);
    const { pulled, terminated, left } = churned;
    return {
      scenario,
      title: `${seconds} s of joins, leaves, pulls and terminates; some ${plan.viewers} viewers of ${plan.steadyStreams + plan.passingStreams} streams`,
      figures: [
        reached('joins that play', times.up, times.joins),
        plain('left; pulled; terminated', `${left}; ${pulled}; ${terminated}`),
        lostFigure('packets lost; frames left out', [watched]),
        plain('POST to keyframe p50 / p99', `${ms(times.p50Ms)} / ${ms(times.p99Ms)} ms`),
        plain('delay p50 / p99', `${ms(watched.delayP50Ms)} / ${ms(watched.delayP99Ms)} ms`),
        plain('cores of the server', watched.serverCores.toFixed(2)),
        atMost('threads afterwards', after.threads, before.threads, ''),
        atMost('descriptors afterwards', after.descriptors, before.descriptors, ''),
        atMost('memory afterwards', after.rssMb, Math.ceil(before.rssMb), 'MB'),
        ...clientFigures(watched),
      ],
      failures: [...warm.failures, ...churned.failures, ...stage.faults()],
      raw: { times, pulled, terminated, left, before, after, watched },
    };
  } finally {
    await stage.close();
  }
}
