/** Hands a source's messages on; one that cannot be read is dropped, counted and logged, and does not end the session. */
import { WireError } from '../../src/core/bytes/wire-error.js';
import { createRateLimit } from '../../src/core/guard/rate.js';
import type { MediaMessage } from '../../src/core/rtmp/media-message.js';
import type { Logger } from '../../src/log-line.js';

/** One line in ten seconds, however bad the source. */
const logRules = { perMinute: 6, burst: 1 } as const;

export interface MediaGuardOptions {
  readonly nowMs: () => number;
  /** `arrivedMs`: monotonic. */
  readonly onMedia: (message: MediaMessage, arrivedMs: number) => void;
  readonly log: Logger;
}

export interface MediaGuard {
  pass(message: MediaMessage, arrivedMs: number): void;
  readonly dropped: number;
}

export function createMediaGuard({ nowMs, onMedia, log }: MediaGuardOptions): MediaGuard {
  const lines = createRateLimit(logRules);
  let dropped = 0;

  return {
    pass(message, arrivedMs) {
      try {
        onMedia(message, arrivedMs);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        dropped += 1;
        const { track, timestampMs } = message;
        if (lines.take('', nowMs()))
          log('warn', 'source.messageDropped', { track, timestampMs, error: error.message, dropped });
      }
    },
    get dropped() {
      return dropped;
    },
  };
}
