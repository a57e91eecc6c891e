/** How busy this process and its machine are, and how late the main thread is. */
import { availableParallelism } from 'node:os';
import type { CoreUse } from '../core/supervise/free-cores.js';
import type { NetworkUse } from '../core/supervise/network-use.js';
import { createFreeCores } from '../free-cores.js';
import { createNetworkLoad } from '../net/network-load.js';

export interface ProcessLoad {
  /** Share of the machine's cores that all threads of the process took in the last seconds, 0 to 1. */
  readonly cpuShare: number;
  /** Cores that nobody took in the last seconds, other programs included; of a control group not more than it has. */
  readonly freeCores: number;
  /** Of the machine. */
  readonly network: NetworkUse;
  /** How late the main thread's event loop was in the last seconds, ms. */
  readonly lagMs: number;
  /** Called twice a second with what was taken since the last time. */
  onLook(listener: (use: CoreUse) => void): void;
  close(): void;
}

const everyMs = 500;
/** Of the figures before so much is left: they are those of some three seconds. */
const kept = 0.7;
const lagKept = 0.9;

export function createProcessLoad(
  limits: { readonly maxMbps: number },
  nowMs: () => number,
  cpuUsage: () => NodeJS.CpuUsage = process.cpuUsage,
): ProcessLoad {
  const cores = availableParallelism();
  const measureFree = createFreeCores();
  const network = createNetworkLoad({ limits, nowMs });
  const listeners: ((use: CoreUse) => void)[] = [];
  let before = { atMs: nowMs(), cpu: cpuUsage() };
  let [cpuShare, freeCores, lagMs] = [0, cores, 0];

  const look = (): void => {
    const now = { atMs: nowMs(), cpu: cpuUsage() };
    const tookMs = now.atMs - before.atMs;
    const cpuMs = (now.cpu.user + now.cpu.system - before.cpu.user - before.cpu.system) / 1000;
    before = now;
    if (tookMs <= 0) return;
    const taken = Math.min(cores, cpuMs / tookMs);
    // A control group may allow less than the machine has.
    const free = Math.max(0, Math.min(measureFree() ?? cores, cores - taken));
    cpuShare = kept * cpuShare + (1 - kept) * (taken / cores);
    freeCores = kept * freeCores + (1 - kept) * free;
    lagMs = Math.max(0, tookMs - everyMs, lagMs * lagKept);
    network.look();
    for (const listener of listeners) listener({ cores, taken, free });
  };
  const timer = setInterval(look, everyMs);

  return {
    get cpuShare() {
      return cpuShare;
    },
    get freeCores() {
      return freeCores;
    },
    get network() {
      return network.use;
    },
    get lagMs() {
      return Math.round(lagMs);
    },
    onLook: (listener) => void listeners.push(listener),
    close: () => clearInterval(timer),
  };
}
