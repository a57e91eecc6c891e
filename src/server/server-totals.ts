/**
 * What all streams have counted together since the start, those too that have ended or have no series of their own: the sum of
 * how much more each has counted at each scrape.
 */
import { Counter, type Registry } from 'prom-client';
import type { PullInfo } from '../supervisor/pull-info.js';
import { type StreamStats, streamCounters } from './stream-series.js';

export interface CountedPull {
  readonly pull: PullInfo;
  readonly stats: StreamStats;
}

/** Gives what takes the counts of a scrape. `known`: the ids of all pulls that are listed. */
export function createServerTotals(
  registry: Registry,
): (counted: readonly CountedPull[], known: ReadonlySet<string>) => void {
  const counters = streamCounters.map(([name, help]) => {
    return new Counter({ name: `sluice_${name}_total`, help: `${help}; all streams`, registers: [registry] });
  });
  const before = new Map<string, readonly number[]>();
  return (counted, known) => {
    for (const pullId of before.keys()) if (!known.has(pullId)) before.delete(pullId);
    for (const { pull, stats } of counted) {
      const now = streamCounters.map(([, , sample]) => sample(pull, stats));
      const last = before.get(pull.pullId);
      // A thread that was restarted counts from 0.
      for (const [n, value] of now.entries()) counters[n]?.inc(value - Math.min(value, last?.[n] ?? 0));
      before.set(pull.pullId, now);
    }
  };
}
