/** Metrics of the supervisor's tree. Labels are bounded: kinds, states and causes are fixed words; a stream's own go by its id. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { type Child, childKinds, childStates } from '../core/supervise/child.js';
import type { PullInfo } from '../supervisor/pull-info.js';
import type { Streams } from '../supervisor/streams.js';
import { createThreadMetrics } from './thread-metrics.js';

/** Of a stream's own thread: name, help, value; null: no value. */
const ofStream: readonly (readonly [string, string, (child: Child) => number | null])[] = [
  ['memory_bytes', 'What the thread of the stream holds', ({ memory }) => memory?.usedBytes ?? null],
  ['memory_budget_bytes', 'What the thread of the stream may hold', ({ memory }) => memory?.budgetBytes ?? null],
  [
    'loop_lag_seconds',
    'How late the event loop of the thread was in the last seconds',
    ({ loopLagMs }) => (loopLagMs === null ? null : loopLagMs / 1000),
  ],
  [
    'hand_over_gap_seconds',
    'How long viewers had no media when another thread took them over, the last time',
    ({ lastHandOver }) => (lastHandOver === null ? null : lastHandOver.gapMs / 1000),
  ],
  [
    'hand_over_lost_viewers',
    'Viewers that were lost when another thread took the others over, the last time',
    ({ lastHandOver }) => lastHandOver?.viewersLost ?? null,
  ],
];

const allOf = (children: readonly Child[]): readonly Child[] =>
  children.flatMap((child) => [child, ...allOf(child.children)]);

/** Gives a function that sets the values as they are now. `pulls`: whose labels streams have. */
export function createChildMetrics(
  streams: Pick<Streams, 'supervision'>,
  registry: Registry,
): (pulls: readonly PullInfo[]) => void {
  const registers = [registry];
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  const ceiling = gauge('sluice_memory_ceiling_bytes', 'Resident memory at which the largest thread is ended');
  const cpu = gauge('sluice_cpu_ratio', 'Share of the cores of the machine that the process takes');
  const network = new Gauge({
    name: 'sluice_network_ratio',
    help: 'Share of what the network of the machine is to carry that it carries, by way',
    labelNames: ['way'],
    registers,
  });
  const room = gauge('sluice_viewers_room', 'How many more viewers fit, by what those that are there cost');
  const setThreads = createThreadMetrics(registry);
  const children = new Gauge({
    name: 'sluice_children',
    help: 'Children of the supervisor by kind and state',
    labelNames: ['kind', 'state'],
    registers,
  });
  const ends = new Counter({
    name: 'sluice_thread_ends_total',
    help: 'Threads that have ended, by kind and cause',
    labelNames: ['kind', 'cause'],
    registers,
  });
  const refused = new Counter({
    name: 'sluice_viewers_refused_total',
    help: 'Viewers that were refused because the server had reached its capacity',
    labelNames: ['why'],
    registers,
  });
  const perStream = ofStream.map(([name, help, sample]) => ({
    metric: new Gauge({ name: `sluice_stream_${name}`, help, labelNames: ['id', 'name'], registers }),
    sample,
  }));

  return (pulls) => {
    const tree = streams.supervision();
    ceiling.set(tree.process.memoryCeilingBytes);
    cpu.set(tree.process.cpuShare);
    const { sentKbps, receivedKbps, maxKbps } = tree.process.network;
    network.reset();
    if (maxKbps !== null) {
      network.set({ way: 'sent' }, sentKbps / maxKbps);
      network.set({ way: 'received' }, receivedKbps / maxKbps);
    }
    room.set(tree.process.room.more);
    setThreads(tree, new Set(pulls.map(({ pullId }) => pullId)));
    const all = allOf(tree.children);
    for (const kind of childKinds) {
      for (const state of childStates) {
        children.set({ kind, state }, all.filter((child) => child.kind === kind && child.state === state).length);
      }
    }
    ends.reset();
    for (const { kind, cause, count } of tree.ends) ends.inc({ kind, cause }, count);
    refused.reset();
    for (const [why, count] of Object.entries(tree.refused)) refused.inc({ why }, count);
    const byId = new Map(tree.children.map((child) => [child.id, child]));
    for (const { metric, sample } of perStream) {
      metric.reset();
      for (const { pullId, givenName } of pulls) {
        const child = byId.get(pullId);
        const value = child === undefined ? null : sample(child);
        if (value !== null) metric.set({ id: pullId, name: givenName ?? '' }, value);
      }
    }
  };
}
