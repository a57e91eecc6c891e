/** One timer for each pull: while it is live, for giving up; afterwards, for removing it from lists. */
import type { Pull } from './pull.js';

interface PullTimers {
  /** Replaces the timer before. */
  set(pull: Pull, afterMs: number, expire: (pull: Pull) => void): void;
  clear(pull: Pull): void;
  close(): void;
}

export function createPullTimers(): PullTimers {
  const timers = new Map<Pull, NodeJS.Timeout>();
  const clear = (pull: Pull): void => {
    clearTimeout(timers.get(pull));
    timers.delete(pull);
  };
  return {
    set(pull, afterMs, expire) {
      clear(pull);
      timers.set(pull, setTimeout(expire, afterMs, pull));
    },
    clear,
    close() {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
