/**
 * When a stream's viewers are spread over further threads, and where the next one goes. A thread more helps only where a core has
 * nothing to do: on a machine whose cores are all taken it made the delay twelve times as long (docs/performance.md). Only those who
 * come later find the new thread. One that all have left is ended, and one that is not needed any more is merged: its viewers go on in
 * the stream's own thread.
 *
 * Where every thread is busy all the time, or its event loop is too late, and none more is available, the next viewer is refused: those
 * who play would pay for it. Whether it is the thread that has no more to give, or the machine that gives it no more, is the same for them.
 */

export interface ShardLimits {
  /** With so many on each thread the next one gets another, whatever the machine does; 0: a count says nothing. */
  readonly perShard: number;
  /** Threads beside the stream's own. */
  readonly maxShards: number;
  /** A thread whose event loop was so late lately takes no further viewer, ms; 0: however late. */
  readonly maxLoopLagMs: number;
}

/** How busy a thread is, lately. */
export interface ThreadLoad {
  /** Share of its time in which its loop was busy, or waited for a core in the midst of its work. */
  readonly busyShare: number;
  /** How late its event loop was. */
  readonly lagMs: number;
}

/** One thread that serves viewers; the stream's own is the first of a list. */
export interface ShardSample {
  readonly id: number;
  readonly viewers: number;
  readonly load: ThreadLoad;
  /** The stream's own thread could go on with all of its viewers. */
  readonly canMove: boolean;
}

export interface ShardState {
  /** Since when each thread is without a pause busy, or empty, or could be done without. */
  readonly busySinceMs: ReadonlyMap<number, number>;
  readonly emptySinceMs: ReadonlyMap<number, number>;
  readonly quietSinceMs: ReadonlyMap<number, number>;
  readonly overloadedSinceMs: ReadonlyMap<number, number>;
  /** No thread is opened before: the last one died, or could not be had. */
  readonly notBeforeMs: number;
}

export interface ShardDecision {
  readonly state: ShardState;
  readonly open: boolean;
  /** Threads to be ended. */
  readonly close: readonly number[];
  /** One to be ended whose viewers go on in the stream's own thread; null: none. */
  readonly merge: number | null;
}

const busyLoad = 0.8;
const busyMs = 5000;
/** Cores that had nothing to do, lately: with fewer no thread is opened for those that are busy. */
const leastFreeCores = 0.5;
/** Of a thread that has fewer, not the viewers are the load. */
const fewViewers = 20;
const emptyMs = 30_000;
/** Of a thread that could be done without: half of what opens one, both loads together, so that it is not opened again at once. */
const quietLoad = 0.4;
const quietMs = 30_000;
/** A thread that has a core for itself takes as much of it then, and has no more to give. */
const fullShare = 0.95;
/** Two looks in a row: a burst of joins, or a collection of garbage, is no overload. */
const overloadMs = 1000;
const afterLossMs = 5000;

export const noShards: ShardState = {
  busySinceMs: new Map(),
  emptySinceMs: new Map(),
  quietSinceMs: new Map(),
  overloadedSinceMs: new Map(),
  notBeforeMs: Number.NEGATIVE_INFINITY,
};

/** Whom `holds` is true of, with the time since when. */
function since(
  before: ReadonlyMap<number, number>,
  samples: readonly ShardSample[],
  nowMs: number,
  holds: (sample: ShardSample) => boolean,
): ReadonlyMap<number, number> {
  return new Map(samples.filter(holds).map(({ id }) => [id, before.get(id) ?? nowMs]));
}

export function decideShards(
  before: ShardState,
  samples: readonly ShardSample[],
  isOpening: boolean,
  nowMs: number,
  limits: ShardLimits,
  freeCores: number,
): ShardDecision {
  const shards = samples.slice(1);
  const quietSinceMs = since(before.quietSinceMs, shards, nowMs, (one) => isQuiet(one, samples[0], limits));
  const merge = isOpening
    ? null
    : leastOf(shards.filter(({ id }) => nowMs - (quietSinceMs.get(id) ?? nowMs) >= quietMs));
  const state: ShardState = {
    busySinceMs: since(
      before.busySinceMs,
      samples,
      nowMs,
      (one) => one.load.busyShare > busyLoad && one.viewers >= fewViewers,
    ),
    emptySinceMs: since(before.emptySinceMs, samples, nowMs, ({ viewers }) => viewers === 0),
    // With its viewers the stream's own thread is another one: all begins again.
    quietSinceMs: merge === null ? quietSinceMs : new Map(),
    overloadedSinceMs: since(before.overloadedSinceMs, samples, nowMs, (one) => isOverloaded(one, limits)),
    notBeforeMs: before.notBeforeMs,
  };
  const isCrowded = samples.every((sample) => isFull(state, sample, nowMs, limits));
  const mayOpen = freeCores >= leastFreeCores || samples.every((sample) => isFullByCount(sample, limits));
  return {
    state,
    open: isCrowded && mayOpen && !isOpening && shards.length < limits.maxShards && nowMs >= state.notBeforeMs,
    close: shards.map(({ id }) => id).filter((id) => nowMs - (state.emptySinceMs.get(id) ?? nowMs) >= emptyMs),
    merge,
  };
}

export const afterLoss = (state: ShardState, nowMs: number): ShardState => ({
  ...state,
  notBeforeMs: nowMs + afterLossMs,
});

const isOverloaded = ({ viewers, load: { busyShare, lagMs } }: ShardSample, { maxLoopLagMs }: ShardLimits): boolean =>
  (busyShare >= fullShare && viewers >= fewViewers) || (maxLoopLagMs > 0 && lagMs >= maxLoopLagMs);

/** The stream's own thread could do its work too, for long. */
function isQuiet(one: ShardSample, own: ShardSample | undefined, { perShard }: ShardLimits): boolean {
  if (own === undefined || one.viewers === 0 || !one.canMove) return false;
  const fits = perShard === 0 || own.viewers + one.viewers < perShard;
  return fits && own.load.busyShare + one.load.busyShare <= quietLoad;
}

/** The one with the fewest viewers, of equals the first; null: there is none. */
const leastOf = (samples: readonly ShardSample[]): number | null =>
  samples.toSorted((one, other) => one.viewers - other.viewers)[0]?.id ?? null;

const isFullByCount = ({ viewers }: ShardSample, { perShard }: ShardLimits): boolean =>
  perShard > 0 && viewers >= perShard;

function isFull(state: ShardState, sample: ShardSample, nowMs: number, limits: ShardLimits): boolean {
  return isFullByCount(sample, limits) || nowMs - (state.busySinceMs.get(sample.id) ?? nowMs) >= busyMs;
}

/** The thread for the next viewer: of those with room the one with the fewest, of equals the first; null: all are overloaded. */
export function placeViewer(
  state: ShardState,
  samples: readonly ShardSample[],
  nowMs: number,
  limits: ShardLimits,
): number | null {
  const able = samples.filter(({ id }) => nowMs - (state.overloadedSinceMs.get(id) ?? nowMs) < overloadMs);
  const withRoom = able.filter((sample) => !isFull(state, sample, nowMs, limits));
  const candidates = withRoom.length > 0 ? withRoom : able;
  return leastOf(candidates);
}
