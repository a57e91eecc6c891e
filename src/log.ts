/**
 * The log of the process: JSON lines on stdout, or readable ones on a terminal. Actor threads send their lines over
 * their ports; no other thread writes to stdout (ARCHITECTURE.md, Logs).
 *
 * Writing never blocks the event loop. While stdout is slow, lines are buffered up to a limit; beyond it they are dropped
 * and counted, and the count is logged (`log.dropped`) when stdout has drained.
 */
import { isatty } from 'node:tty';
import pino from 'pino';
import pretty from 'pino-pretty';
import { maskUri } from './core/rtmp/url.js';
import { createLogLevels } from './log-levels.js';
import type { LogFields, Logger, LogLevel, LogLevels } from './log-line.js';

const maxWaitingBytes = 1_048_576;
const maxTextLength = 4096;
const stdoutFd = 1;

export interface Log {
  /** `event`: what happened ("source.lost"); `fields`: its particulars. Secrets are masked. Never throws. */
  readonly log: Logger;
  readonly levels: LogLevels;
  /** Resolves when all lines so far are written, or cannot be; never while stdout is stalled. */
  flush(): Promise<void>;
  /**
   * Lines that are not written yet are lost, and those to come. To be called before process.exit: what pino does there with
   * the lines that are left goes on for ever while they cannot be written (a full disk).
   */
  discard(): void;
  /** Told each line that is written, secrets masked. */
  onLine(listener: (level: LogLevel, event: string, fields: LogFields) => void): void;
}

export interface LogSettings {
  readonly level: LogLevel;
  /** auto: pretty on a terminal, else json. */
  readonly format: 'auto' | 'json' | 'pretty';
}

export function createLog({ level, format }: LogSettings, fd = stdoutFd): Log {
  const output = pino.destination({ fd, sync: false, minLength: 1, maxLength: maxWaitingBytes });
  const isPretty = format === 'pretty' || (format === 'auto' && isatty(fd));
  const logger = pino(
    {
      // Levels are judged here, where those of single streams are known.
      level: 'trace',
      base: null,
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    // Only `write`: pino would call flushSync after a fatal line, which goes on for ever while it cannot be written.
    isPretty ? readable(fd, (line) => output.write(line)) : { write: (line) => output.write(line) },
  );

  const levels = createLogLevels(level);
  let isDiscarded = false;
  let tell: (level: LogLevel, event: string, fields: LogFields) => void = () => {};
  let dropped = 0;
  output.on('drop', () => {
    dropped += 1;
  });
  output.on('drain', () => {
    if (dropped === 0) return;
    const lines = dropped;
    dropped = 0;
    logger.warn({ lines }, 'log.dropped');
  });
  // When the log cannot be written (a full disk), the server goes on.
  output.on('error', () => {});

  return {
    levels,
    log(at, event, fields = {}) {
      if (isDiscarded || !levels.takes(at, fields)) return;
      const shown = masked(fields);
      logger[at](isPretty ? onOneLine(shown) : shown, event);
      tell(at, event, shown);
    },
    flush: () => new Promise((resolve) => output.flush(() => resolve())),
    onLine(listener) {
      tell = listener;
    },
    discard() {
      isDiscarded = true;
      output.destroy();
    },
  };
}

function readable(fd: number, write: (line: string) => void): pino.DestinationStream {
  const format = pretty.prettyFactory({
    colorize: isatty(fd),
    messageKey: 'event',
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  });
  return { write: (line) => write(format(line)) };
}

/** Fields whose values are never written. */
const secretNames = /^(.*(apikeys?|token|password|secret|credentials)|authorization|cookie|.*keypem)$/i;
/** Names of pino's own fields. */
const reservedNames = /^(level|time|event)$/;
/** The limit on the scheme keeps the search linear in long words without one. */
const uris = /[a-z][a-z0-9+.-]{0,15}:\/\/[^\s"'<>]+/gi;

function masked(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      const shown = reservedNames.test(name) ? `${name}_` : name;
      if (secretNames.test(name)) return [shown, '***'];
      return [
        shown,
        typeof value === 'string' ? value.slice(0, maxTextLength).replace(uris, (uri) => maskUri(uri)) : value,
      ];
    }),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const controls = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g;

/** For people: a name with a line feed must not look like a line of the log. The stack of an error stays readable. */
function onOneLine(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (typeof value !== 'string') return [name, value];
      const lines = name === 'error' ? value.split('\n') : [value];
      return [name, lines.map((line) => line.replace(controls, escaped)).join('\n    ')];
    }),
  );
}

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
