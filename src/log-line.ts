/** A line of the log, as each thread of the process writes it. Types only. */

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Writes one line. `event` names what happened ("source.lost"), `fields` say to whom. Never throws, never blocks. */
export type Logger = (level: LogLevel, event: string, fields?: LogFields) => void;

/** `seq` counts the thread's lines, dropped ones included, so that a gap shows. */
export interface LogEvent {
  readonly kind: 'log';
  readonly seq: number;
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}
