/** The log lines that actor threads send to the main thread. Types only. */

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Writes one line. `event` names what happened ("source.lost"), `fields` say to whom. Never throws, never blocks. */
export type Logger = (level: LogLevel, event: string, fields?: LogFields) => void;

/** Which lines are written, of all and of single streams. */
export interface LogLevels {
  /** Of all that have none of their own. */
  set(level: LogLevel): void;
  /** Of the lines that name this pull; null: that of all. */
  setOf(pullId: string, level: LogLevel | null): void;
  /** Null: that of all. */
  of(pullId: string): LogLevel | null;
}

/** `seq` counts the thread's lines, also those that were dropped: a gap shows how many. */
export interface LogEvent {
  readonly kind: 'log';
  readonly seq: number;
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}
