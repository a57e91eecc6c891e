/** Holds audio and video of an uneven source until their time (rtmp.smoothMs); without that setting they go on at once. */
import type { MediaMessage } from '../../src/core/rtmp/media-message.js';
import { createRelease } from '../../src/core/timeline/release.js';

export interface SmootherOptions {
  /** 0: nothing is held. */
  readonly delayMs: number;
  /** Beyond it all that is held goes on. */
  readonly maxBytes: number;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  readonly pass: (message: MediaMessage) => void;
}

export interface Smoother {
  receive(message: MediaMessage): void;
  /** All that is held goes on now: what follows is of another session. */
  flush(): void;
  close(): void;
}

interface Held {
  readonly message: MediaMessage;
  readonly dueMs: number;
}

export function createSmoother({ delayMs, maxBytes, nowMs, pass }: SmootherOptions): Smoother {
  let releases = { audio: createRelease(delayMs), video: createRelease(delayMs) };
  /** In order of dueMs; of one track in order of arrival. */
  let held: Held[] = [];
  let heldBytes = 0;
  let timer: NodeJS.Timeout | null = null;

  const schedule = (): void => {
    const [next] = held;
    if (timer !== null || next === undefined) return;
    timer = setTimeout(onTime, Math.max(1, Math.ceil(next.dueMs - nowMs())));
  };
  const onTime = (): void => {
    timer = null;
    letGo(nowMs());
  };
  const letGo = (untilMs: number): void => {
    for (let next = held[0]; next !== undefined && next.dueMs <= untilMs; next = held[0]) {
      held.shift();
      heldBytes -= next.message.body.length;
      pass(next.message);
    }
    schedule();
  };
  const unwind = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };

  return {
    receive(message) {
      const { track, timestampMs, body } = message;
      // Data have no pace.
      if (delayMs === 0 || track === 'data') {
        pass(message);
        return;
      }
      const arrivalMs = nowMs();
      const dueMs = releases[track].at(timestampMs, arrivalMs);
      const place = held.findLastIndex((other) => other.dueMs <= dueMs) + 1;
      held.splice(place, 0, { message, dueMs });
      heldBytes += body.length;
      unwind();
      letGo(heldBytes > maxBytes ? Number.POSITIVE_INFINITY : arrivalMs);
    },
    flush() {
      unwind();
      letGo(Number.POSITIVE_INFINITY);
      releases = { audio: createRelease(delayMs), video: createRelease(delayMs) };
    },
    close() {
      unwind();
      held = [];
      heldBytes = 0;
    },
  };
}
