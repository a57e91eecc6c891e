/** How the frames of one track follow each other, and for how long none may come before that is worth a word. */

/** Of a track of which no frame has come so far. */
const firstFrameMs = 2000;
/** Of others, unless their frames are further apart. */
const usualMs = 2500;
/** Several of its own distances: a frame late is no silence. */
const distances = 3;
/** A distance that was seen counts half after so long. */
const halfLifeMs = 30_000;

export interface TrackPace {
  /** There is to be such a track. */
  announced(): void;
  /** A frame of it came. */
  came(nowMs: number): void;
  /** A frame has come. */
  readonly hasBegun: boolean;
  /** So long none came, while the source went on, or before the first one. */
  passed(ms: number): void;
  /** For how long the source has gone on without a frame of it, where that is too long; else null. */
  readonly silentMs: number | null;
}

export function createTrackPace(): TrackPace {
  let isAnnounced = false;
  let lastMs: number | null = null;
  let distanceMs = 0;
  let sinceMs = 0;

  return {
    announced() {
      isAnnounced = true;
    },
    came(nowMs) {
      const gapMs = lastMs === null ? 0 : nowMs - lastMs;
      distanceMs = Math.max(gapMs, distanceMs * 0.5 ** (gapMs / halfLifeMs));
      lastMs = nowMs;
      sinceMs = 0;
    },
    get hasBegun() {
      return lastMs !== null;
    },
    passed(ms) {
      if (isAnnounced) sinceMs += ms;
    },
    get silentMs() {
      const patienceMs = lastMs === null ? firstFrameMs : Math.max(usualMs, distances * distanceMs);
      return sinceMs >= patienceMs ? sinceMs : null;
    },
  };
}
