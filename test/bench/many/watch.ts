/** A window in which viewers only watch: what they got, and what it took of the machine. */
import { setTimeout as delay } from 'node:timers/promises';
import { besideOthers } from '../../support/judged.js';
import { quantileMs } from '../../support/load/histogram.js';
import type { JoinedViewer, Load, LoadResult } from '../../support/load/load.js';
import type { Stage } from '../../support/load/stage.js';
import { coresBetween } from '../../support/server/usage.js';
import { quantile } from '../report.js';
import { type Figure, ms, plain } from './figure.js';

export interface Watched {
  readonly seconds: number;
  readonly viewers: number;
  readonly packets: number;
  readonly lost: number;
  readonly framesMissed: number;
  readonly delayP50Ms: number;
  readonly delayP99Ms: number;
  /** Of frames that are no keyframes. */
  readonly delayBetweenKeysP99Ms: number;
  readonly serverCores: number;
  readonly cpuUsPerPacket: number;
  readonly softirqCores: number;
  readonly rssMb: number;
  readonly clientCores: number;
  readonly clientLagP50Ms: number;
  readonly clientLagP99Ms: number;
  readonly clientDropped: number;
  readonly opened: number;
  readonly originCores: number;
  readonly originLateMs: number;
  readonly originMissedFrames: number;
  readonly othersCores: number;
}

export interface WatchedLoad {
  readonly watched: Watched;
  readonly result: LoadResult;
}

/** `meanwhile`: what happens in the window; it lasts as long. */
export async function watchWhile(stage: Stage, load: Load, meanwhile: () => Promise<unknown>): Promise<WatchedLoad> {
  const origin = await stage.cameras.usage();
  await load.measure();
  const before = stage.usage();
  const { othersCores } = await besideOthers(() => stage.whileUp(meanwhile()));
  const after = stage.usage();
  const result = await load.result();
  const originAfter = await stage.cameras.usage();
  const wallMs = after.atMs - before.atMs;
  const watched = {
    seconds: wallMs / 1000,
    viewers: result.playing,
    packets: result.packets,
    lost: result.lost,
    framesMissed: result.framesMissed,
    delayP50Ms: quantileMs(result.delay, 0.5),
    delayP99Ms: quantileMs(result.delay, 0.99),
    delayBetweenKeysP99Ms: quantileMs(result.delayBetweenKeys, 0.99),
    serverCores: coresBetween(before, after),
    cpuUsPerPacket: ((after.cpuMs - before.cpuMs) * 1000) / result.packets,
    softirqCores: (after.softirqMs - before.softirqMs) / wallMs,
    rssMb: after.rssMb,
    clientCores: result.cpuMs / result.wallMs,
    clientLagP50Ms: quantileMs(result.lag, 0.5),
    clientLagP99Ms: quantileMs(result.lag, 0.99),
    clientDropped: result.dropped,
    opened: result.opened / result.packets,
    originCores: (originAfter.cpuMs - origin.cpuMs) / wallMs,
    originLateMs: originAfter.longestLateMs,
    originMissedFrames: originAfter.missedFrames - origin.missedFrames,
    othersCores,
  };
  return { watched, result };
}

export const watch = (stage: Stage, load: Load, seconds: number): Promise<WatchedLoad> =>
  watchWhile(stage, load, () => delay(seconds * 1000));

/** The server leaves out frames where it is late, and numbers what follows without a gap: packets alone do not show it. */
export function lostFigure(what: string, windows: readonly Watched[]): Figure {
  const lost = windows.reduce((sum, one) => sum + one.lost, 0);
  const frames = windows.reduce((sum, one) => sum + one.framesMissed, 0);
  return { what, measured: `${lost}; ${frames}`, goal: '0; 0', isMet: lost + frames === 0 };
}

/** What says whether the figures beside it may be trusted. */
export function clientFigures(watched: Watched): readonly Figure[] {
  const { clientCores, clientLagP50Ms, clientLagP99Ms, clientDropped, opened, originCores, originLateMs } = watched;
  return [
    plain(
      'load client: cores; late by p50 / p99',
      `${clientCores.toFixed(2)}; ${ms(clientLagP50Ms)} / ${ms(clientLagP99Ms)} ms`,
    ),
    plain(
      'load client: packets its sockets dropped; opened',
      `${clientDropped}; ${(opened * 100).toFixed(0)} % of packets`,
    ),
    plain('origin: cores; a frame at most late by', `${originCores.toFixed(2)}; ${ms(originLateMs)} ms`),
    plain(
      'softirq of the machine; cores of others',
      `${watched.softirqCores.toFixed(2)}; ${watched.othersCores.toFixed(2)}`,
    ),
  ];
}

/** What was lost and must not be. */
export function failuresOf({ result, watched }: WatchedLoad): readonly string[] {
  const told = (count: number, what: string): readonly string[] => (count > 0 ? [`${count} ${what}`] : []);
  return [
    ...told(result.ended, 'viewers were ended'),
    ...told(result.silent, 'viewers got nothing for 2 s'),
    ...told(result.unauthentic, 'packets were not authentic'),
    ...told(watched.originMissedFrames, 'frames were never sent by the origin: the server did not read'),
  ];
}

export const joinFailures = (joined: readonly JoinedViewer[]): readonly string[] =>
  joined.flatMap(({ endpoint, error }) =>
    error === null ? [] : [`${new URL(endpoint).pathname} did not play: ${error}`],
  );

export interface JoinTimes {
  readonly joins: number;
  readonly up: number;
  readonly answerP50Ms: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

/** From the POST to the whole keyframe, of those who play. */
export function joinTimes(joined: readonly JoinedViewer[]): JoinTimes {
  const up = joined.filter(({ error }) => error === null);
  const sorted = (of: (one: JoinedViewer) => number): readonly number[] => up.map(of).toSorted((a, b) => a - b);
  const tookMs = sorted(({ keyframeMs }) => keyframeMs);
  return {
    joins: joined.length,
    up: up.length,
    answerP50Ms: quantile(
      sorted(({ answeredMs }) => answeredMs),
      0.5,
    ),
    p50Ms: quantile(tookMs, 0.5),
    p99Ms: quantile(tookMs, 0.99),
    longestMs: quantile(tookMs, 1),
  };
}
