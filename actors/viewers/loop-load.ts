/** The share of the time in which this thread's event loop was busy. */
import { performance } from 'node:perf_hooks';

/** Each call gives the share since the call before, 0 to 1. */
export function createLoopLoad(): () => number {
  let since = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, since);
    since = now;
    return utilization;
  };
}
