/** Which lines of the log are written: a level for all, and others for single streams, which may change at any time. */
import type { LogFields, LogLevel, LogLevels } from './log-line.js';

/** The first is written least often. */
const levels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
/** Streams with a level of their own; the one that was set first is forgotten beyond it. */
const maxOwn = 1000;

export interface JudgedLogLevels extends LogLevels {
  takes(level: LogLevel, fields: LogFields): boolean;
}

export function createLogLevels(first: LogLevel): JudgedLogLevels {
  const own = new Map<string, LogLevel>();
  let ofAll = first;
  const of = (pullId: string): LogLevel | null => own.get(pullId) ?? null;
  return {
    set(level) {
      ofAll = level;
    },
    setOf(pullId, level) {
      own.delete(pullId);
      if (level !== null) own.set(pullId, level);
      const [oldest] = own.keys();
      if (own.size > maxOwn && oldest !== undefined) own.delete(oldest);
    },
    of,
    takes(level, { pullId }) {
      const least = (typeof pullId === 'string' ? of(pullId) : null) ?? ofAll;
      return levels.indexOf(level) >= levels.indexOf(least);
    },
  };
}
