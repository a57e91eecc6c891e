/** How busy this thread is, by its event loop and by the kernel's account. */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { ThreadLoad } from '../../src/core/supervise/shard-policy.js';

/** proc_pid_schedstat(5): how long this thread ran in all. Null where the kernel does not say. */
function readRanMs(): number | null {
  try {
    return Number.parseInt(readFileSync('/proc/thread-self/schedstat', 'latin1'), 10) / 1e6;
  } catch {
    return null;
  }
}

/** Each call gives the shares since the call before. `lagMs`: how late the loop was lately. */
export function createThreadLoad(lagMs: () => number, nowMs: () => number): () => ThreadLoad {
  let loop = performance.eventLoopUtilization();
  let before = { atMs: nowMs(), ranMs: readRanMs() };
  return () => {
    const loopNow = performance.eventLoopUtilization();
    const { utilization: busyShare } = performance.eventLoopUtilization(loopNow, loop);
    loop = loopNow;
    const now = { atMs: nowMs(), ranMs: readRanMs() };
    const tookMs = now.atMs - before.atMs;
    const ranMs = now.ranMs === null || before.ranMs === null ? null : now.ranMs - before.ranMs;
    // A loop that waits for a core is busy too, and takes none of it.
    const cpuShare = ranMs === null || tookMs <= 0 ? busyShare : Math.min(1, ranMs / tookMs);
    before = now;
    return { busyShare, cpuShare, lagMs: lagMs() };
  };
}
