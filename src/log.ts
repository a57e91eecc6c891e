/**
 * The process's one log: JSON lines on stdout, or readable ones on a terminal. Lines of actor threads come here over
 * their ports, so that no thread writes to stdout by itself (ARCHITECTURE.md, Logs).
 *
 * Writing never blocks the loop: what stdout does not take is kept up to a bound, beyond it lines are dropped, counted,
 * and told of as soon as there is room.
 */
import { isatty } from 'node:tty';
import pino from 'pino';
import pretty from 'pino-pretty';
import { maskUri } from './core/rtmp/url.js';
import type { LogFields, Logger, LogLevel } from './log-line.js';

const maxWaitingBytes = 1_048_576;
const maxTextLength = 4096;
const stdoutFd = 1;

export interface Log {
  /** `event` names what happened ("source.lost"), `fields` say to whom. Never throws; secrets are masked. */
  readonly log: Logger;
  /** Resolves when what was logged so far is written; never while stdout is stalled. */
  flush(): Promise<void>;
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
      level,
      base: null,
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    isPretty ? readable(fd, (line) => output.write(line)) : output,
  );

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
  // A log that cannot be written (a full disk) is no reason to stop serving.
  output.on('error', () => {});

  return {
    log: (at, event, fields = {}) => logger[at](masked(fields), event),
    flush: () => new Promise((resolve) => output.flush(() => resolve())),
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

/** Names under which no value is ever written. */
const secretNames = /^(.*(apikeys?|token|password|secret|credentials)|authorization|cookie|.*keypem)$/i;
/** Names that the line has already. */
const takenNames = /^(level|time|event)$/;
/** The bound on the scheme keeps the search linear in long words that are none. */
const uris = /[a-z][a-z0-9+.-]{0,15}:\/\/[^\s"'<>]+/gi;

function masked(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      const shown = takenNames.test(name) ? `${name}_` : name;
      if (secretNames.test(name)) return [shown, '***'];
      return [shown, typeof value === 'string' ? value.slice(0, maxTextLength).replace(uris, withoutSecrets) : value];
    }),
  );
}

/** A query of a stream's address often is a token. */
const withoutSecrets = (uri: string): string => maskUri(uri).replace(/\?.*$/, '?***');
