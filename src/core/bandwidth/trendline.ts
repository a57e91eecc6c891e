/**
 * Whether the queue on the path grows: the slope of a line through the latest delays, held against a threshold that adapts
 * to the path's own jitter (draft-ietf-rmcat-gcc-02 5.4; the line in place of its Kalman filter, which is slower to see a
 * queue that grows evenly).
 */
import type { DelayVariation } from './arrival-groups.js';

/** over: the queue grows; under: it empties. */
export type Usage = 'normal' | 'over' | 'under';

/** Points that the line goes through. */
const windowPoints = 20;
/** How much of the delay that was seen before stays in a new one. */
const smoothing = 0.9;
/** A slope becomes comparable with the threshold (ms) by this, and by the number of groups it was seen in, up to a limit. */
const gain = 4;
const maxGroups = 60;
/** The queue must have grown for so long. */
const overuseMs = 10;
const firstThresholdMs = 12.5;
const thresholdMs = { min: 6, max: 600 } as const;
/** How fast the threshold follows upward and downward, per ms. */
const follow = { up: 0.0087, down: 0.039 } as const;
/** A spike beyond the threshold says nothing of the usual jitter. */
const spikeMs = 15;
const maxStepMs = 100;
/**
 * A queue that is full has no slope. One that makes packets wait so much longer than the least that was seen, for so long,
 * is taken to grow; where sending less does not help within some time it is not ours, and is the path as it is.
 */
const standing = { delayMs: 100, fromMs: 300, toMs: 3000 } as const;
/** The least may be a clock's that goes faster: it is forgotten by so much, in ms per ms. */
const forgetting = 0.001;

interface Point {
  readonly atMs: number;
  readonly delayMs: number;
}

export interface Trendline {
  see(variation: DelayVariation): Usage;
}

export function createTrendline(): Trendline {
  let points: Point[] = [];
  let groups = 0;
  let accumulatedMs = 0;
  let smoothedMs = 0;
  let threshold: number = firstThresholdMs;
  let lastMs: number | null = null;
  let overSinceMs: number | null = null;
  let before = 0;
  let leastMs = 0;
  let standingMs = 0;

  const stands = (stepMs: number): boolean => {
    leastMs = Math.min(smoothedMs, leastMs + forgetting * stepMs);
    standingMs = smoothedMs - leastMs > standing.delayMs ? standingMs + stepMs : 0;
    if (standingMs <= standing.toMs) return standingMs >= standing.fromMs;
    leastMs = smoothedMs;
    return false;
  };

  const adapt = (trend: number, stepMs: number): void => {
    const height = Math.abs(trend);
    if (height > threshold + spikeMs) return;
    const rate = height < threshold ? follow.down : follow.up;
    threshold += rate * (height - threshold) * Math.min(stepMs, maxStepMs);
    threshold = Math.max(thresholdMs.min, Math.min(thresholdMs.max, threshold));
  };

  const judge = (trend: number, nowMs: number, stepMs: number): Usage => {
    if (trend < -threshold) {
      overSinceMs = null;
      return 'under';
    }
    if (trend <= threshold) {
      overSinceMs = null;
      return 'normal';
    }
    // Half of the step in which it was first seen belongs to it.
    overSinceMs ??= nowMs - stepMs / 2;
    return nowMs - overSinceMs > overuseMs && trend >= before ? 'over' : 'normal';
  };

  return {
    see({ variationMs, arrivedMs }) {
      groups = Math.min(maxGroups, groups + 1);
      accumulatedMs += variationMs;
      smoothedMs = smoothing * smoothedMs + (1 - smoothing) * accumulatedMs;
      points = [...points.slice(1 - windowPoints), { atMs: arrivedMs, delayMs: smoothedMs }];
      const stepMs = lastMs === null ? 0 : Math.max(0, arrivedMs - lastMs);
      lastMs = arrivedMs;
      const trend = points.length < windowPoints ? 0 : slopeOf(points) * groups * gain;
      const usage = judge(trend, arrivedMs, stepMs);
      before = trend;
      adapt(trend, stepMs);
      return stands(stepMs) && usage === 'normal' ? 'over' : usage;
    },
  };
}

/** Least squares; 0 where all points are of one moment. */
function slopeOf(points: readonly Point[]): number {
  const meanAt = points.reduce((sum, { atMs }) => sum + atMs, 0) / points.length;
  const meanDelay = points.reduce((sum, { delayMs }) => sum + delayMs, 0) / points.length;
  let product = 0;
  let square = 0;
  for (const { atMs, delayMs } of points) {
    product += (atMs - meanAt) * (delayMs - meanDelay);
    square += (atMs - meanAt) ** 2;
  }
  return square === 0 ? 0 : product / square;
}
