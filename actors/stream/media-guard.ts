/** Hands a source's messages on; one that cannot be read is dropped, counted and logged, and does not end the session. */
import { WireError } from '../../src/core/bytes/wire-error.js';
import type { MediaMessage } from '../../src/core/rtmp/media-message.js';
import type { Logger } from '../../src/log-line.js';

/** One line in so many ms, however bad the source. */
const logEveryMs = 10_000;

export interface MediaGuardOptions {
  readonly nowMs: () => number;
  /** `arrivedMs`: monotonic. */
  readonly onMedia: (message: MediaMessage, arrivedMs: number) => void;
  readonly log: Logger;
}

export interface MediaGuard {
  pass(message: MediaMessage, arrivedMs: number): void;
}

export function createMediaGuard({ nowMs, onMedia, log }: MediaGuardOptions): MediaGuard {
  let dropped = 0;
  let loggedMs: number | null = null;

  return {
    pass(message, arrivedMs) {
      try {
        onMedia(message, arrivedMs);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        dropped += 1;
        const now = nowMs();
        if (loggedMs !== null && now - loggedMs < logEveryMs) return;
        loggedMs = now;
        const { track, timestampMs } = message;
        log('warn', 'source.messageDropped', { track, timestampMs, error: error.message, dropped });
      }
    },
  };
}
