/** The newest lines of the log by stream, for the console. */
import type { LogFields, LogLevel } from '../log-line.js';

interface KeptLine {
  /** UTC. */
  readonly atMs: number;
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}

export interface LogTail {
  /** Secrets are masked already. */
  take(level: LogLevel, event: string, fields: LogFields): void;
  /** Those that name this pull, oldest first. */
  of(pullId: string): readonly KeptLine[];
}

const maxLines = 200;
const maxPulls = 1000;

export function createLogTail(): LogTail {
  const lines = new Map<string, KeptLine[]>();
  return {
    take(level, event, fields) {
      const { pullId } = fields;
      if (typeof pullId !== 'string') return;
      const ofPull = lines.get(pullId) ?? [];
      ofPull.push({ atMs: Date.now(), level, event, fields });
      if (ofPull.length > maxLines) ofPull.shift();
      // The pull whose last line is oldest is forgotten first.
      lines.delete(pullId);
      lines.set(pullId, ofPull);
      const [oldest] = lines.keys();
      if (lines.size > maxPulls && oldest !== undefined) lines.delete(oldest);
    },
    of: (pullId) => lines.get(pullId) ?? [],
  };
}
