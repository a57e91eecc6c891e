/**
 * Which media time it is at a wall time: the one clock behind the sender reports of both tracks, by which browsers
 * keep audio and video together (docs/media.md 9, RFC 3550 6.4.1).
 *
 * Media come late by changing amounts, never early. So the least lag of some seconds counts, and the clock follows it
 * so slowly that no receiver notices; only what cannot be drift or jitter moves it at once.
 */

export interface MediaTime {
  /**
   * Null before the first message. Never earlier than the last answer, except after the line fell behind real time
   * by more than half a second (a source that stood still).
   */
  mediaMsAt(wallMs: number): number | null;
}

export interface WallClock extends MediaTime {
  /** A message's place on the media timeline, and when it arrived by a wall clock that is never set back. */
  observe(mediaMs: number, wallMs: number): void;
  /** How far the media timeline lies behind the wall clock; null before the first message. */
  readonly lagMs: number | null;
}

/** The same clock where only its lag is known, which is known now and then. */
export interface FollowingClock extends MediaTime {
  follow(lagMs: number | null): void;
}

const bucketMs = 1000;
const buckets = 10;
/** At first, and after a jump, the clock follows the least lag at once: cached frames come before live ones. */
const settleMs = 2000;
const slewMsPerMs = 0.001;
const jumpMs = 500;

interface Bucket {
  readonly startMs: number;
  leastLagMs: number;
}

export function createFollowingClock(): FollowingClock {
  let lag: number | null = null;
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    follow(lagMs) {
      if (lag === null || lagMs === null || lagMs - lag > jumpMs) lastMs = Number.NEGATIVE_INFINITY;
      lag = lagMs;
    },
    mediaMsAt(wallMs) {
      if (lag === null) return null;
      lastMs = Math.max(lastMs, wallMs - lag);
      return lastMs;
    },
  };
}

export function createWallClock(): WallClock {
  let window: Bucket[] = [];
  let lag: { valueMs: number; settledAtMs: number; movedAtMs: number } | null = null;
  const time = createFollowingClock();

  const collect = (lagMs: number, wallMs: number): number => {
    const open = window.at(-1);
    if (open === undefined || wallMs >= open.startMs + bucketMs) {
      window = window.filter(({ startMs }) => startMs > wallMs - bucketMs * buckets);
      window.push({ startMs: wallMs, leastLagMs: lagMs });
    } else open.leastLagMs = Math.min(open.leastLagMs, lagMs);
    return window.reduce((least, { leastLagMs }) => Math.min(least, leastLagMs), Number.POSITIVE_INFINITY);
  };

  return {
    observe(mediaMs, wallMs) {
      const wantedMs = collect(wallMs - mediaMs, wallMs);
      const offMs = lag === null ? Number.POSITIVE_INFINITY : wantedMs - lag.valueMs;
      if (lag === null || Math.abs(offMs) > jumpMs) {
        lag = { valueMs: wantedMs, settledAtMs: wallMs + settleMs, movedAtMs: wallMs };
        time.follow(wantedMs);
        return;
      }
      const passedMs = Math.max(0, wallMs - lag.movedAtMs);
      const mostMs = wallMs < lag.settledAtMs ? jumpMs : passedMs * slewMsPerMs;
      lag.valueMs += Math.max(-mostMs, Math.min(mostMs, offMs));
      lag.movedAtMs = wallMs;
      time.follow(lag.valueMs);
    },
    get lagMs() {
      return lag?.valueMs ?? null;
    },
    mediaMsAt: time.mediaMsAt,
  };
}
