/** How busy this process keeps the machine, and how late its main thread is. */
import { availableParallelism } from 'node:os';

export interface ProcessLoad {
  /** Share of the machine's cores that all threads of the process took in the last seconds, 0 to 1. */
  readonly cpuShare: number;
  /** How late the main thread's event loop was in the last seconds, ms. */
  readonly lagMs: number;
  close(): void;
}

const everyMs = 500;
/** Of the figures before so much is left: they are those of some three seconds. */
const kept = 0.7;
const lagKept = 0.9;

export function createProcessLoad(
  nowMs: () => number,
  cpuUsage: () => NodeJS.CpuUsage = process.cpuUsage,
): ProcessLoad {
  const cores = availableParallelism();
  let before = { atMs: nowMs(), cpu: cpuUsage() };
  let [cpuShare, lagMs] = [0, 0];

  const look = (): void => {
    const now = { atMs: nowMs(), cpu: cpuUsage() };
    const tookMs = now.atMs - before.atMs;
    const cpuMs = (now.cpu.user + now.cpu.system - before.cpu.user - before.cpu.system) / 1000;
    before = now;
    if (tookMs <= 0) return;
    cpuShare = kept * cpuShare + (1 - kept) * Math.min(1, cpuMs / tookMs / cores);
    lagMs = Math.max(0, tookMs - everyMs, lagMs * lagKept);
  };
  const timer = setInterval(look, everyMs);

  return {
    get cpuShare() {
      return cpuShare;
    },
    get lagMs() {
      return Math.round(lagMs);
    },
    close: () => clearInterval(timer),
  };
}
