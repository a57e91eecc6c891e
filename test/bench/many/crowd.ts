/** So many streams with so many viewers each, who join at a steady rate and then watch. */
import { setTimeout as delay } from 'node:timers/promises';
import type { JoinedViewer, LoadOptions } from '../../support/load/load.js';
import { openStage } from '../../support/load/stage.js';
import { atMost, type Figure, type Finding, logFileOf, ms, plain, reached } from './figure.js';
import {
  clientFigures,
  failuresOf,
  joinFailures,
  joinTimes,
  lostFigure,
  type Watched,
  watch,
  watchWhile,
} from './watch.js';

export interface CrowdGoals {
  readonly delayP99Ms?: number;
  readonly cores?: number;
}

export interface CrowdPlan {
  readonly scenario: string;
  readonly streams: number;
  readonly each: number;
  readonly joinsPerSecond: number;
  readonly goals: CrowdGoals;
}

const settleMs = 3000;
const seconds = 15;

const goalOr = (what: string, value: number, goal: number | undefined, unit: string, digits: number): Figure =>
  goal === undefined ? plain(what, `${value.toFixed(digits)} ${unit}`) : atMost(what, value, goal, unit, digits);

const pace = ({ delayP50Ms, delayP99Ms, serverCores, cpuUsPerPacket }: Watched): string =>
  `${ms(delayP50Ms)} / ${ms(delayP99Ms)} ms; ${serverCores.toFixed(2)} cores, ${cpuUsPerPacket.toFixed(1)} µs a packet`;

export async function measureCrowd(plan: CrowdPlan, options: LoadOptions): Promise<Finding> {
  const { scenario, streams, each, joinsPerSecond, goals } = plan;
  const stage = await openStage(logFileOf(scenario));
  try {
    const names = Array.from({ length: streams }, (_, n) => `cam${n}`);
    const { missing } = await stage.pull(names);
    const load = stage.load(options);
    // Streams in turn, as people come.
    const endpoints = Array.from({ length: streams * each }, (_, n) => stage.endpoint(names[n % streams] ?? ''));
    let joined: readonly JoinedViewer[] = [];
    const joins = await watchWhile(stage, load, async () => {
      joined = await load.join(endpoints, (endpoints.length * 1000) / joinsPerSecond);
    });
    await delay(settleMs);
    const steady = await watch(stage, load, seconds);
    const times = joinTimes(joined);
    const { watched } = steady;
    return {
      scenario,
      title: `${streams} streams x ${each} viewers, ${joinsPerSecond} joins a second, then ${seconds} s`,
      figures: [
        reached('viewers up', times.up, endpoints.length),
        lostFigure('packets lost; frames left out, joining', [joins.watched]),
        lostFigure('packets lost; frames left out, all up', [watched]),
        goalOr('delay p99, all up', watched.delayP99Ms, goals.delayP99Ms, 'ms', 1),
        plain('delay p50; p99 without keyframes', `${ms(watched.delayP50Ms)}; ${ms(watched.delayBetweenKeysP99Ms)} ms`),
        goalOr('cores of the server, all up', watched.serverCores, goals.cores, 'cores', 2),
        plain('CPU a packet, all up', `${watched.cpuUsPerPacket.toFixed(1)} µs`),
        plain('while they join: delay p50 / p99; CPU', pace(joins.watched)),
        plain('POST to keyframe p50 / p99', `${ms(times.p50Ms)} / ${ms(times.p99Ms)} ms`),
        plain('memory of the server', `${watched.rssMb.toFixed(0)} MB`),
        ...clientFigures(watched),
      ],
      failures: [
        ...missing.map((name) => `no media of ${name} flowed`),
        ...joinFailures(joined),
        ...failuresOf(joins),
        ...failuresOf(steady),
        ...stage.faults(),
      ],
      raw: { times, joining: joins.watched, steady: watched },
    };
  } finally {
    await stage.close();
  }
}
