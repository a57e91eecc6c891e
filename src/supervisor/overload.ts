/** Whether another viewer may be let in at all: who plays must not pay for who joins. What each thread can serve is its stream's. */
import type { Settings } from '../config/schema.js';
import { createRateLimit } from '../core/guard/rate.js';
import { SluiceError } from '../errors.js';
import type { ProcessLoad } from '../threads/process-load.js';

export interface Overload {
  /** Lets a viewer join. Errors: viewer.overloaded, and those of `join`. */
  admit<T>(join: () => Promise<T>): Promise<T>;
  /** How many were refused so far, by the reason. */
  readonly refused: ReadonlyMap<RefusedFor, number>;
}

type RefusedFor = 'joins' | 'cpu' | 'loopLag' | 'thread';

interface OverloadOptions {
  readonly limits: Pick<Settings['viewers'], 'joinsPerSecond' | 'maxCpuPercent' | 'maxLoopLagMs'>;
  readonly load: Pick<ProcessLoad, 'cpuShare' | 'lagMs'>;
  readonly nowMs: () => number;
}

/** All viewers share one bucket. */
const everybody = '';

export function createOverload({ limits, load, nowMs }: OverloadOptions): Overload {
  const { joinsPerSecond } = limits;
  const joins = createRateLimit({ perMinute: 60 * joinsPerSecond, burst: joinsPerSecond });
  const refused = new Map<RefusedFor, number>();

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
    if (maxLoopLagMs > 0 && load.lagMs >= maxLoopLagMs) refuse('loopLag', `viewers.maxLoopLagMs is ${maxLoopLagMs}`);
    if (joinsPerSecond > 0 && !joins.take(everybody, nowMs())) {
      refuse('joins', `viewers.joinsPerSecond is ${joinsPerSecond}`);
    }
  };

  return {
    refused,
    async admit(join) {
      check();
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
