/** Idle streams of which each gets its first viewer, all of them within a second. */
import { setTimeout as delay } from 'node:timers/promises';
import type { JoinedViewer, LoadOptions } from '../../support/load/load.js';
import { openStage } from '../../support/load/stage.js';
import { atMost, type Finding, logFileOf, ms, plain, reached } from './figure.js';
import { clientFigures, failuresOf, joinFailures, joinTimes, lostFigure, watch, watchWhile } from './watch.js';

const streams = 20;
const idleMs = 10_000;
const spreadMs = 1000;
const seconds = 5;
const goalMs = 200;

export async function measureFirstViewers(scenario: string, options: LoadOptions): Promise<Finding> {
  const stage = await openStage(logFileOf(scenario));
  try {
    const names = Array.from({ length: streams }, (_, n) => `cam${n}`);
    await stage.pull(names);
    await delay(idleMs);
    const load = stage.load(options);
    let joined: readonly JoinedViewer[] = [];
    const joining = await watchWhile(stage, load, async () => {
      joined = await load.join(names.map(stage.endpoint), spreadMs);
    });
    const watching = await watch(stage, load, seconds);
    const times = joinTimes(joined);
    return {
      scenario,
      title: `${streams} idle streams, a first viewer each within ${spreadMs} ms`,
      figures: [
        reached('viewers up', times.up, streams),
        atMost('POST to keyframe, the longest', times.longestMs, goalMs, 'ms'),
        plain('p50; answer p50', `${ms(times.p50Ms)}; ${ms(times.answerP50Ms)} ms`),
        lostFigure('packets lost; frames left out', [joining.watched, watching.watched]),
        plain('cores of the server meanwhile', joining.watched.serverCores.toFixed(2)),
        ...clientFigures(joining.watched),
      ],
      failures: [...joinFailures(joined), ...failuresOf(joining), ...failuresOf(watching), ...stage.faults()],
      raw: { times, joined, joining: joining.watched, watching: watching.watched },
    };
  } finally {
    await stage.close();
  }
}
