/** One stream with one viewer: the fixed cost of both, young and when V8 has compiled it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { LoadOptions } from '../../support/load/load.js';
import { openStage } from '../../support/load/stage.js';
import { atMost, type Finding, logFileOf, ms, plain, reached } from './figure.js';
import { clientFigures, failuresOf, joinFailures, joinTimes, lostFigure, watch } from './watch.js';

const seconds = 15;
const pauseMs = 45_000;
const goalPercent = 3.5;

export async function measureOneViewer(scenario: string, options: LoadOptions): Promise<Finding> {
  const stage = await openStage(logFileOf(scenario));
  try {
    await stage.pull(['cam']);
    const load = stage.load({ ...options, processes: 1 });
    const joined = await load.join([stage.endpoint('cam')], 0);
    const young = await watch(stage, load, seconds);
    await delay(pauseMs);
    const later = await watch(stage, load, seconds);
    const percent = ({ serverCores }: typeof young.watched): number => serverCores * 100;
    return {
      scenario,
      title: 'one stream with one viewer',
      figures: [
        reached('viewers up', joinTimes(joined).up, 1),
        atMost(`the first ${seconds} s`, percent(young.watched), goalPercent, '% of a core', 1),
        atMost(
          `after ${(pauseMs / 1000 + seconds).toFixed(0)} s`,
          percent(later.watched),
          goalPercent,
          '% of a core',
          1,
        ),
        plain('delay p50 / p99', `${ms(later.watched.delayP50Ms)} / ${ms(later.watched.delayP99Ms)} ms`),
        lostFigure('packets lost; frames left out', [young.watched, later.watched]),
        plain('memory of the server', `${later.watched.rssMb.toFixed(0)} MB`),
        ...clientFigures(later.watched),
      ],
      failures: [...joinFailures(joined), ...failuresOf(young), ...failuresOf(later), ...stage.faults()],
      raw: { young: young.watched, later: later.watched },
    };
  } finally {
    await stage.close();
  }
}
