/** Pulls on demand, which viewers started, end some time after their last viewer has left. */
import type { Settings } from '../config/schema.js';
import { isOnDemand, type Pull } from './pull.js';
import type { Pulls } from './pulls.js';

export interface IdleTimers {
  /** Starts the timer of this pull if it is idle now, else stops it. */
  check(pullId: string): void;
  close(): void;
}

interface IdleOptions {
  readonly limits: Pick<Settings['pulls'], 'idleMs'>;
  readonly pulls: Pick<Pulls, 'table' | 'end'>;
  /** How many take something of a pull: each keeps it. */
  readonly takersOf: (pullId: string) => number;
  /** Somebody may have come or gone. */
  readonly onChange: (pullId: string) => void;
}

export function createIdleTimers({ limits, pulls, takersOf, onChange }: IdleOptions): IdleTimers {
  const timers = new Map<string, NodeJS.Timeout>();

  const stop = (pullId: string): void => {
    clearTimeout(timers.get(pullId));
    timers.delete(pullId);
  };

  /** A pull on demand that is not over and has no viewer. */
  const idlePull = (pullId: string): Pull | undefined => {
    const pull = pulls.table.get(pullId);
    const isIdle = pull !== undefined && isOnDemand(pull) && !pull.status.isOver && takersOf(pullId) === 0;
    return isIdle ? pull : undefined;
  };

  return {
    check(pullId) {
      onChange(pullId);
      stop(pullId);
      if (idlePull(pullId) === undefined) return;
      const expire = (): void => {
        timers.delete(pullId);
        const pull = idlePull(pullId);
        if (pull !== undefined) pulls.end(pull, 'viewer', null);
      };
      timers.set(pullId, setTimeout(expire, limits.idleMs));
    },
    close() {
      for (const pullId of [...timers.keys()]) stop(pullId);
    },
  };
}
