/** So many pulls at once, and what they cost while nobody watches. */
import { setTimeout as delay } from 'node:timers/promises';
import { besideOthers } from '../../support/judged.js';
import { openStage, type Stage } from '../../support/load/stage.js';
import { coresBetween } from '../../support/server/usage.js';
import { atMost, type Finding, plain } from './figure.js';

export interface PullsPlan {
  readonly scenario: string;
  readonly count: number;
  /** Until all are up; null: none is set. */
  readonly upGoalMs: number | null;
}

const windowSeconds = 10;
/** V8 compiles what runs often: the second window begins so much later. */
const laterSeconds = 30;
const timeoutMs = 180_000;
const goals = { percentEach: 0.4, memoryMbEach: 8 } as const;

async function idle(stage: Stage) {
  const before = stage.usage();
  const { othersCores } = await besideOthers(() => delay(windowSeconds * 1000));
  return { cores: coresBetween(before, stage.usage()), othersCores };
}

export async function measurePulls({ scenario, count, upGoalMs }: PullsPlan): Promise<Finding> {
  const stage = await openStage();
  try {
    // The first pull starts what stays.
    await stage.pull(['first']);
    await delay(2000);
    const before = stage.usage();
    const names = Array.from({ length: count }, (_, n) => `cam${n}`);
    const pulled = await besideOthers(() => stage.pull(names, timeoutMs));
    const up = stage.usage();
    const first = await idle(stage);
    await delay(laterSeconds * 1000);
    const originBefore = await stage.cameras.usage();
    const later = await idle(stage);
    const after = stage.usage();
    const origin = await stage.cameras.usage();
    const percentEach = (cores: number): number => (cores * 100) / (count + 1);
    const memoryMbEach = (after.rssMb - before.rssMb) / count;
    const upMs = pulled.result;
    const seconds = (ms: number): string => (ms / 1000).toFixed(1);
    const upFigure =
      upGoalMs === null
        ? plain('until all are up', `${seconds(upMs)} s`)
        : atMost('until all are up', upMs / 1000, upGoalMs / 1000, 's', 1);
    return {
      scenario,
      title: `${count} pulls at once of 2.5 Mbit/s, then nobody watches`,
      figures: [
        upFigure,
        plain('CPU until then', `${seconds(up.cpuMs - before.cpuMs)} s`),
        atMost(`a stream, the first ${windowSeconds} s`, percentEach(first.cores), goals.percentEach, '% of a core', 2),
        atMost(`a stream, ${laterSeconds} s later`, percentEach(later.cores), goals.percentEach, '% of a core', 2),
        plain(
          'all of them, first / later',
          `${(first.cores * 100).toFixed(0)} / ${(later.cores * 100).toFixed(0)} % of a core`,
        ),
        atMost('memory a stream', memoryMbEach, goals.memoryMbEach, 'MB', 1),
        plain('memory of the server', `${after.rssMb.toFixed(0)} MB`),
        plain(
          'origin: cores later; frames that the server did not read in time',
          `${((origin.cpuMs - originBefore.cpuMs) / (windowSeconds * 1000)).toFixed(2)}; ${origin.missedFrames}`,
        ),
        plain(
          'cores of others: pulling / first / later',
          [pulled, first, later].map(({ othersCores }) => othersCores.toFixed(2)).join(' / '),
        ),
      ],
      failures: stage.faults(),
      raw: { upMs, before, up, first, later, after, origin },
    };
  } finally {
    await stage.close();
  }
}
