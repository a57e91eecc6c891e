/** A cluster with a stream whose bytes end each process that has it, a moment after they came. */
import type { Outcome } from './simulation.js';
import { createStage, pick, type Stage, wish, working } from './stage.js';
import { begin, type Size } from './users.js';

const startMs = 8000;
const sampleMs = 250;
const forMs = 600_000;
/** The first of them: that it is found out takes so long at the most. */
const learnMs = 120_000;

export interface Poisoned extends Outcome {
  /** Processes that ended within the first two minutes, and in the eight after them. */
  readonly early: number;
  readonly late: number;
  /** For how long a stream that does no harm was pulled by nobody, at the most. */
  readonly gapMs: number;
}

const key = 'poison';
const mostDeaths = 12;
const mostGapMs = 60_000;

export function simulatePoison(seed: number, size: Size, afterMs: number): Poisoned {
  const stage = createStage(seed);
  const { schedule, judge, store } = stage;
  begin(stage, size);
  schedule.runUntil(startMs);
  stage.network.heal();
  stage.poisons.set(key, afterMs);
  wish(stage, key);
  const isWatched = seed % 2 === 0;
  const downMs = new Map<string, number>();
  let [gapMs, early] = [0, 0];
  for (let nowMs = startMs; nowMs < startMs + forMs; nowMs += sampleMs) {
    schedule.runUntil(nowMs);
    judge.sample();
    const pulled = pulledOf(stage);
    for (const one of harmless(stage)) {
      const down = pulled.has(one) ? 0 : (downMs.get(one) ?? 0) + sampleMs;
      downMs.set(one, down);
      gapMs = Math.max(gapMs, down);
    }
    if (nowMs === startMs + learnMs) early = stage.crashes;
    if (isWatched && stage.random() < 0.1) watchPoison(stage);
  }
  const late = stage.crashes - early;
  if (early > mostDeaths) judge.fault(`${early} processes ended in two minutes`);
  if (gapMs > mostGapMs) judge.fault(`a stream that does no harm was pulled by nobody for ${gapMs} ms`);
  return { faults: judge.faults, simulatedMs: schedule.nowMs, operations: store.operations, early, late, gapMs };
}

const harmless = ({ wishes }: Stage): readonly string[] => [...wishes.keys()].filter((one) => one !== key);

function pulledOf({ hosts }: Stage): ReadonlySet<string> {
  const pulled = new Set<string>();
  for (const { streams } of hosts.values()) {
    for (const [one, { kind, isUp }] of streams.played) if (kind === 'own' && isUp) pulled.add(one);
  }
  return pulled;
}

function watchPoison(stage: Stage): void {
  const host = pick(stage, working(stage));
  host?.streams.watch(key, 1, false);
}
