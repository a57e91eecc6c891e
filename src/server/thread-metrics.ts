/**
 * Event loop, memory and CPU by thread: those of a stream under its name, all others by their kind alone. Several of one kind and
 * name are one series: the worst lag, the sum of the rest.
 */
import { getHeapStatistics } from 'node:v8';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Child } from '../core/supervise/child.js';
import type { Supervision } from '../core/supervise/supervision.js';

interface Figures {
  readonly kind: string;
  readonly name: string;
  lagMs: number;
  usedBytes: number;
  cpuMs: number;
}

/** Gives what sets them. `shown`: the ids of the streams that have series of their own. */
export function createThreadMetrics(registry: Registry): (tree: Supervision, shown: ReadonlySet<string>) => void {
  const shared = { labelNames: ['kind', 'name'] as const, registers: [registry] };
  const lag = new Gauge({
    name: 'sluice_thread_loop_lag_seconds',
    help: 'How late event loops were in the last seconds, the worst of that kind and stream',
    ...shared,
  });
  const memory = new Gauge({
    name: 'sluice_thread_memory_bytes',
    help: 'What threads hold: JavaScript heap, buffers and caches; of a process of its own all that it has',
    ...shared,
  });
  const cpu = new Counter({
    name: 'sluice_thread_cpu_seconds_total',
    help: 'CPU time of the threads there are',
    ...shared,
  });
  return (tree, shown) => {
    for (const metric of [lag, memory, cpu]) metric.reset();
    for (const { kind, name, lagMs, usedBytes, cpuMs } of figuresOf(tree, shown)) {
      lag.set({ kind, name }, lagMs / 1000);
      memory.set({ kind, name }, usedBytes);
      cpu.inc({ kind, name }, cpuMs / 1000);
    }
  };
}

function figuresOf({ process: own, children }: Supervision, shown: ReadonlySet<string>): Iterable<Figures> {
  // process.memoryUsage takes a descriptor, which may be the last one.
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  const main = { kind: 'main', name: '', lagMs: own.loopLagMs, usedBytes: heap + external, cpuMs: own.cpuMs ?? 0 };
  const all = new Map<string, Figures>([['main', main]]);
  const add = (child: Child, name: string): void => {
    const key = `${child.kind} ${name}`;
    const sum = all.get(key) ?? { kind: child.kind, name, lagMs: 0, usedBytes: 0, cpuMs: 0 };
    sum.lagMs = Math.max(sum.lagMs, child.loopLagMs ?? 0);
    sum.usedBytes += child.memory?.usedBytes ?? 0;
    sum.cpuMs += child.cpuMs ?? 0;
    all.set(key, sum);
    for (const one of child.children) add(one, name);
  };
  for (const child of children) add(child, child.kind === 'stream' && shown.has(child.id) ? child.name : '');
  return all.values();
}
