/**
 * A thread's log: lines go to the main thread as events. What the main thread has not taken yet is bounded, beyond it
 * lines are dropped; their numbers are used up all the same, so that the gap shows.
 */
import type { LogEvent, Logger } from '../../src/log-line.js';

const maxInFlight = 1000;

export interface ThreadLogOptions {
  readonly post: (event: LogEvent) => void;
  /** Lines that the main thread has taken so far, modulo 2^32. */
  readonly linesTaken: () => number;
}

export function createThreadLog({ post, linesTaken }: ThreadLogOptions): Logger {
  let seq = 0;
  let posted = 0;
  return (level, event, fields = {}) => {
    seq += 1;
    if ((posted - linesTaken()) >>> 0 >= maxInFlight) return;
    posted += 1;
    post({ kind: 'log', seq, level, event, fields });
  };
}
