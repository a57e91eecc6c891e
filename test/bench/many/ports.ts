/** What webrtc.singlePort costs: the same viewers with a port for each stream and with one for all, in turn. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoadOptions } from '../../support/load/load.js';
import { openStage, type Stage } from '../../support/load/stage.js';
import { freePort } from '../../support/server/free-port.js';
import { quantile } from '../report.js';
import { type Finding, logFileOf, ms, plain } from './figure.js';
import { clientFigures, failuresOf, joinFailures, lostFigure, type WatchedLoad, watch } from './watch.js';

interface PortsPlan {
  readonly scenario: string;
  readonly streams: number;
  readonly each: number;
}

interface Round extends WatchedLoad {
  readonly failures: readonly string[];
  /** Of the thread that reads the one port. */
  readonly readerUs: number;
}

const kinds = ['a port for each stream', 'one port'] as const;
/** Nobody is refused because others use the machine. */
const patient = ['--viewers.maxLoopLagMs=0', '--viewers.maxCpuPercent=0'];
const rounds = 3;
const spreadMs = 4000;
const settleMs = 3000;
const seconds = 12;

/** CPU time so far of the thread that reads the port; 0: there is none. */
function readerUs({ sluice }: Stage): number {
  const folder = `/proc/${sluice.child.pid}/task`;
  const tid = readdirSync(folder).find(
    (one) => readFileSync(`${folder}/${one}/comm`, 'latin1').trim() === 'single-port',
  );
  // Documentation/scheduler/sched-stats of Linux: the first number is its time on a core, in ns.
  return tid === undefined ? 0 : Number(readFileSync(`${folder}/${tid}/schedstat`, 'latin1').split(' ')[0]) / 1000;
}

async function measure(
  { scenario, streams, each }: PortsPlan,
  isSingle: boolean,
  options: LoadOptions,
): Promise<Round> {
  const flags = isSingle ? [...patient, `--webrtc.singlePort=${await freePort()}`] : patient;
  const stage = await openStage(logFileOf(scenario), flags);
  try {
    const names = Array.from({ length: streams }, (_, n) => `cam${n}`);
    const { missing } = await stage.pull(names);
    const load = stage.load(options);
    const endpoints = Array.from({ length: streams * each }, (_, n) => stage.endpoint(names[n % streams] ?? ''));
    const joined = await load.join(endpoints, spreadMs);
    await delay(settleMs);
    const before = readerUs(stage);
    const watched = await watch(stage, load, seconds);
    const took = readerUs(stage) - before;
    const failures = [
      ...missing.map((name) => `${name} did not come`),
      ...joinFailures(joined),
      ...failuresOf(watched),
    ];
    return { ...watched, failures, readerUs: took / (watched.watched.seconds * watched.watched.viewers) };
  } finally {
    await stage.close();
  }
}

const median = (values: readonly number[]): number =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );

export async function measurePorts(plan: PortsPlan, options: LoadOptions): Promise<Finding> {
  const { scenario, streams, each } = plan;
  const all: Record<(typeof kinds)[number], Round[]> = { 'a port for each stream': [], 'one port': [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of kinds) all[kind].push(await measure(plan, kind === 'one port', options));
  }
  const figures = kinds.flatMap((kind) => {
    const windows = all[kind].map(({ watched }) => watched);
    const cpuUs = windows.map(({ serverCores, viewers }) => (serverCores * 1e6) / viewers);
    return [
      plain(
        `${kind}: CPU a viewer-second, the server's; of the thread that reads the port`,
        `${cpuUs.map((us) => us.toFixed(0)).join(', ')} µs; ${all[kind].map(({ readerUs }) => readerUs.toFixed(0)).join(', ')} µs`,
      ),
      plain(
        `${kind}: median`,
        `${median(cpuUs).toFixed(0)} µs; ${median(all[kind].map(({ readerUs }) => readerUs)).toFixed(0)} µs`,
      ),
      plain(
        `${kind}: delay p50 / p99`,
        windows.map(({ delayP50Ms, delayP99Ms }) => `${ms(delayP50Ms)} / ${ms(delayP99Ms)} ms`).join(', '),
      ),
      lostFigure(`${kind}: packets lost; frames missed`, windows),
    ];
  });
  const everything = kinds.flatMap((kind) => all[kind]);
  const [last] = everything.slice(-1);
  return {
    scenario,
    title: `${streams} streams x ${each} viewers: ${rounds} times each, in turn, ${seconds} s`,
    figures: [...figures, ...(last === undefined ? [] : clientFigures(last.watched))],
    failures: everything.flatMap(({ failures }) => failures),
    raw: Object.fromEntries(
      kinds.map((kind) => [kind, all[kind].map(({ watched, readerUs }) => ({ ...watched, readerUs }))]),
    ),
  };
}
