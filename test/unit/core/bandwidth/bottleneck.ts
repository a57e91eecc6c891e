/**
 * A sender of video and audio whose rate follows the estimate, and a way to its viewer with one narrow place: a queue
 * that is served at some rate and drops what does not fit. All in simulated time.
 */
import type { PacketFeedback } from '../../../../src/core/bandwidth/arrival-groups.js';
import { createBandwidthEstimator } from '../../../../src/core/bandwidth/estimator.js';
import type { RateLimits } from '../../../../src/core/bandwidth/rate-limits.js';

export interface Path {
  /** Of the narrow place, at a time. */
  readonly capacityBps: (atMs: number) => number;
  /** What the queue holds, as the time that it takes to send. */
  readonly queueMs: number;
  /** One way, without the queue. */
  readonly delayMs: number;
  /** Added to each packet's way, at random up to this. */
  readonly jitterMs: number;
  /** Share that gets lost whatever the rate, at a time. */
  readonly lossShare: (atMs: number) => number;
  /** How much faster the receiver's clock goes. */
  readonly skewPpm?: number;
  /** 0 to 1. */
  readonly random: () => number;
}

/** How the sender follows the estimate. */
export interface Source {
  readonly limits: RateLimits;
  /** How often the encoder is told of the estimate. */
  readonly adaptMs: number;
  /** Every so many frames one is so many times as large. */
  readonly keyEvery: number;
  readonly keyTimes: number;
}

export interface Moment {
  readonly atMs: number;
  readonly estimateBps: number;
  readonly queueMs: number;
  /** What passed since the moment before, bits a second. */
  readonly passedBps: number;
  readonly lost: number;
}

const frameMs = 1000 / 30;
const audioMs = 20;
const audioBytes = 190;
const packetBytes = 1200;
const reportMs = 50;
const momentMs = 100;

export function simulate(path: Path, source: Source, lengthMs: number): readonly Moment[] {
  const estimator = createBandwidthEstimator();
  const inTransit: { readonly packet: PacketFeedback; readonly reachedMs: number }[] = [];
  const reports: { readonly feedback: readonly PacketFeedback[]; readonly atMs: number }[] = [];
  const moments: Moment[] = [];
  const offsetMs = 1e6 * path.random();
  const clock = (atMs: number): number => offsetMs + atMs * (1 + (path.skewPpm ?? 0) / 1e6);
  let busyUntilMs = 0;
  let rateBps = source.limits.maxBps;
  let passedBytes = 0;
  let lost = 0;
  let lastArrivalMs = 0;

  const send = (atMs: number, bytes: number): void => {
    const waits = Math.max(0, busyUntilMs - atMs);
    if (path.random() < path.lossShare(atMs) || waits > path.queueMs) {
      lost += 1;
      inTransit.push({ packet: { sentMs: atMs, arrivedMs: null, bytes }, reachedMs: atMs + waits + path.delayMs });
      return;
    }
    busyUntilMs = Math.max(atMs, busyUntilMs) + (bytes * 8000) / path.capacityBps(atMs);
    passedBytes += bytes;
    lastArrivalMs = Math.max(lastArrivalMs, busyUntilMs + path.delayMs + path.random() * path.jitterMs);
    const arrivedMs = Math.round(clock(lastArrivalMs) * 4) / 4;
    inTransit.push({ packet: { sentMs: atMs, arrivedMs, bytes }, reachedMs: lastArrivalMs });
  };

  let frames = 0;
  const average = 1 + (source.keyTimes - 1) / source.keyEvery;
  const sendFrame = (atMs: number): void => {
    const times = frames % source.keyEvery === 0 ? source.keyTimes : 1;
    frames += 1;
    const share = (0.9 + 0.2 * path.random()) * (times / average);
    const audioBps = (audioBytes * 8000) / audioMs;
    for (let left = ((rateBps - audioBps) / 8000) * frameMs * share; left > 0; left -= packetBytes) {
      send(atMs, Math.max(60, Math.min(packetBytes, left)));
    }
  };

  const receive = (atMs: number): void => {
    const there = inTransit.findIndex(({ reachedMs }) => reachedMs > atMs);
    const told = inTransit.splice(0, there < 0 ? inTransit.length : there).map(({ packet }) => packet);
    if (told.length > 0) reports.push({ feedback: told, atMs: atMs + path.delayMs });
  };

  for (let atMs = 0; atMs < lengthMs; atMs += 1) {
    if (Math.floor(atMs / audioMs) !== Math.floor((atMs - 1) / audioMs)) send(atMs, audioBytes);
    if (Math.floor(atMs / frameMs) !== Math.floor((atMs - 1) / frameMs)) sendFrame(atMs);
    if (atMs % reportMs === 0) receive(atMs);
    for (let [next] = reports; next !== undefined && next.atMs <= atMs; [next] = reports) {
      estimator.take(next.feedback, source.limits, atMs);
      reports.shift();
    }
    if (atMs % source.adaptMs === 0) rateBps = estimator.bps ?? source.limits.maxBps;
    if (atMs % momentMs !== 0) continue;
    const queueMs = Math.max(0, busyUntilMs - atMs);
    const passedBps = (passedBytes * 8000) / momentMs;
    moments.push({ atMs, estimateBps: estimator.bps ?? source.limits.maxBps, queueMs, passedBps, lost });
    passedBytes = 0;
    lost = 0;
  }
  return moments;
}

/** The same numbers for the same seed (a linear congruential generator, Numerical Recipes' constants). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export const between = (moments: readonly Moment[], fromMs: number, toMs: number): readonly Moment[] =>
  moments.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The value that so large a share of them is not above. */
export const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
