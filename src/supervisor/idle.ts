/** Pulls on demand, which viewers started, end some time after their last viewer has left. */
import type { Settings } from '../config/schema.js';
import { isOnDemand, type Pull } from './pull.js';
import type { Pulls } from './pulls.js';
import type { ViewerIndex } from './viewer-index.js';

export interface IdleTimers {
  /** Starts the timer of this pull if it is idle now, else stops it. */
  check(pullId: string): void;
  close(): void;
}

interface IdleOptions {
  readonly limits: Pick<Settings['pulls'], 'idleMs'>;
  readonly pulls: Pick<Pulls, 'table' | 'end'>;
  /** Who takes something of pulls: each keeps them. */
  readonly takers: () => readonly Pick<ViewerIndex, 'count'>[];
}

export function createIdleTimers({ limits, pulls, takers }: IdleOptions): IdleTimers {
  const timers = new Map<string, NodeJS.Timeout>();

  const stop = (pullId: string): void => {
    clearTimeout(timers.get(pullId));
    timers.delete(pullId);
  };

  /** A pull on demand that is not over and has no viewer. */
  const idlePull = (pullId: string): Pull | undefined => {
    const pull = pulls.table.get(pullId);
    const isTaken = takers().some((taker) => taker.count(pullId) > 0);
    const isIdle = pull !== undefined && isOnDemand(pull) && !pull.status.isOver && !isTaken;
    return isIdle ? pull : undefined;
  };

  return {
    check(pullId) {
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
