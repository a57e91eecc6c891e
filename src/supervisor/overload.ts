/**
 * Whether another viewer may be let in, and when: new viewers must not disturb those who play. What each thread can serve is decided
 * by its stream; this is about the process and its machine.
 */
import type { Settings } from '../config/schema.js';
import { createRateLimit } from '../core/guard/rate.js';
import { createAdmissionQueue } from '../core/supervise/admission-queue.js';
import { isMachineFull } from '../core/supervise/free-cores.js';
import { SluiceError } from '../errors.js';
import type { ProcessLoad } from '../threads/process-load.js';

export interface Overload {
  /** Lets a viewer join as soon as the machine has capacity. Errors: viewer.overloaded, and those of `join`. */
  admit<T>(join: () => Promise<T>): Promise<T>;
  /** How many were refused so far, by the reason. */
  readonly refused: ReadonlyMap<RefusedFor, number>;
}

type RefusedFor = 'joins' | 'cpu' | 'bandwidth' | 'loopLag' | 'thread';

interface OverloadOptions {
  readonly limits: Pick<Settings['viewers'], 'joinsPerSecond' | 'maxCpuPercent' | 'maxLoopLagMs'>;
  readonly load: Pick<ProcessLoad, 'cpuShare' | 'network' | 'lagMs' | 'onLook'>;
  readonly nowMs: () => number;
}

/** All viewers share one bucket. */
const everybody = '';
/** Looks in a row at a full machine: the code of twenty first viewers fills one for a second, and disturbs nobody. */
const fullLooks = 3;
const maxWaitMs = 3000;
const maxWaiting = 500;
/** What the first viewer of a stream takes of a core in its first seconds, while code is compiled (docs/performance.md). */
const coresPerJoin = 0.1;

const mbps = (kbps: number): number => Math.round(kbps / 1000);

export function createOverload({ limits, load, nowMs }: OverloadOptions): Overload {
  const { joinsPerSecond } = limits;
  const joins = createRateLimit({ perMinute: 60 * joinsPerSecond, burst: joinsPerSecond });
  const queue = createAdmissionQueue({ maxWaitMs, maxWaiting });
  const refused = new Map<RefusedFor, number>();
  let looksFull = 0;

  load.onLook((use) => {
    const { maxCpuPercent } = limits;
    const isFull = maxCpuPercent > 0 && isMachineFull(use, maxCpuPercent / 100);
    looksFull = isFull ? looksFull + 1 : 0;
    queue.admit(isFull ? 0 : Math.max(1, Math.floor(use.free / coresPerJoin)), nowMs());
  });

  const note = (why: RefusedFor): void => void refused.set(why, (refused.get(why) ?? 0) + 1);
  const refuse = (why: RefusedFor, detail: string): never => {
    note(why);
    throw new SluiceError('viewer.overloaded', detail);
  };

  const check = (): void => {
    const { maxCpuPercent, maxLoopLagMs } = limits;
    const cpuPercent = Math.round(load.cpuShare * 100);
    if (maxCpuPercent > 0 && cpuPercent >= maxCpuPercent) {
      refuse('cpu', `viewers.maxCpuPercent is ${maxCpuPercent}, and ${cpuPercent} are taken`);
    }
    const { sentKbps, maxKbps } = load.network;
    if (maxKbps !== null && sentKbps >= maxKbps) {
      refuse(
        'bandwidth',
        `the machine sends ${mbps(sentKbps)} Mbit/s, and is to send ${mbps(maxKbps)} at most (viewers.maxMbps)`,
      );
    }
    if (maxLoopLagMs > 0 && load.lagMs >= maxLoopLagMs) refuse('loopLag', `viewers.maxLoopLagMs is ${maxLoopLagMs}`);
    if (joinsPerSecond > 0 && !joins.take(everybody, nowMs())) {
      refuse('joins', `viewers.joinsPerSecond is ${joinsPerSecond}`);
    }
  };

  const whenThereIsRoom = async (): Promise<void> => {
    if (looksFull < fullLooks && queue.waiting === 0) return;
    if (await queue.wait(nowMs())) return;
    refuse('cpu', `viewers.maxCpuPercent is ${limits.maxCpuPercent}, and others leave no more of the machine`);
  };

  return {
    refused,
    async admit(join) {
      check();
      await whenThereIsRoom();
      try {
        return await join();
      } catch (error) {
        // By the threads of its stream.
        if (error instanceof SluiceError && error.code === 'viewer.overloaded') note('thread');
        throw error;
      }
    },
  };
}
