/** So many pulls at once, and what they cost while nobody watches. */
import { setTimeout as delay } from 'node:timers/promises';
import { besideOthers } from '../../support/judged.js';
import { openStage, type Pulled, type Stage } from '../../support/load/stage.js';
import { coresBetween, type Usage } from '../../support/server/usage.js';
import type { CamerasUsage } from '../../support/source/cameras.js';
import { atMost, type Figure, type Finding, logFileOf, plain, reached } from './figure.js';

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

interface Window {
  readonly cores: number;
  readonly othersCores: number;
}

interface Measured {
  readonly pulled: Pulled;
  readonly pullingOthersCores: number;
  readonly before: Usage;
  readonly up: Usage;
  readonly first: Window;
  readonly later: Window;
  readonly after: Usage;
  readonly originBefore: CamerasUsage;
  readonly origin: CamerasUsage;
}

async function idle(stage: Stage): Promise<Window> {
  const before = stage.usage();
  const { othersCores } = await besideOthers(() => stage.whileUp(delay(windowSeconds * 1000)));
  return { cores: coresBetween(before, stage.usage()), othersCores };
}

async function measure(stage: Stage, count: number): Promise<Measured> {
  // The first pull starts what stays.
  await stage.pull(['first']);
  await delay(2000);
  const before = stage.usage();
  const names = Array.from({ length: count }, (_, n) => `cam${n}`);
  const { result: pulled, othersCores: pullingOthersCores } = await besideOthers(() => stage.pull(names, timeoutMs));
  const up = stage.usage();
  const first = await idle(stage);
  await stage.whileUp(delay(laterSeconds * 1000));
  const originBefore = await stage.cameras.usage();
  const later = await idle(stage);
  const [after, origin] = [stage.usage(), await stage.cameras.usage()];
  return { pulled, pullingOthersCores, before, up, first, later, after, originBefore, origin };
}

function figuresOf({ count, upGoalMs }: PullsPlan, measured: Measured): readonly Figure[] {
  const { pulled, before, up, first, later, after, originBefore, origin } = measured;
  const percentEach = ({ cores }: Window): number => (cores * 100) / (count + 1);
  const percent = ({ cores }: Window): string => (cores * 100).toFixed(0);
  const memoryMbEach = (after.rssMb - before.rssMb) / count;
  const originCores = (origin.cpuMs - originBefore.cpuMs) / (windowSeconds * 1000);
  const others = [measured.pullingOthersCores, first.othersCores, later.othersCores];
  return [
    reached('up', count - pulled.missing.length, count),
    upGoalMs === null
      ? plain('until all are up', `${(pulled.tookMs / 1000).toFixed(1)} s`)
      : atMost('until all are up', pulled.tookMs / 1000, upGoalMs / 1000, 's', 1),
    plain('CPU until then', `${((up.cpuMs - before.cpuMs) / 1000).toFixed(1)} s`),
    atMost(`a stream, the first ${windowSeconds} s`, percentEach(first), goals.percentEach, '% of a core', 2),
    atMost(`a stream, ${laterSeconds} s later`, percentEach(later), goals.percentEach, '% of a core', 2),
    plain('all of them, first / later', `${percent(first)} / ${percent(later)} % of a core`),
    atMost('memory a stream', memoryMbEach, goals.memoryMbEach, 'MB', 1),
    plain('memory of the server', `${after.rssMb.toFixed(0)} MB`),
    plain(
      'origin: cores later; frames that were not read in time',
      `${originCores.toFixed(2)}; ${origin.missedFrames}`,
    ),
    plain('cores of others: pulling / first / later', others.map((cores) => cores.toFixed(2)).join(' / ')),
  ];
}

export async function measurePulls(plan: PullsPlan): Promise<Finding> {
  const stage = await openStage(logFileOf(plan.scenario));
  try {
    const measured = await measure(stage, plan.count);
    return {
      scenario: plan.scenario,
      title: `${plan.count} pulls at once of 2.5 Mbit/s, then nobody watches`,
      figures: figuresOf(plan, measured),
      failures: [...measured.pulled.missing.map((name) => `no media of ${name} flowed`), ...stage.faults()],
      raw: measured,
    };
  } finally {
    await stage.close();
  }
}
