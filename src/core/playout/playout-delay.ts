/** How far behind the newest frame a player stays: more where what it holds runs dry, less again while it does not. */

/** What a stall adds, up to the most; a quarter of it is taken back each time that there was none for a while. */
const stepMs = 60;
const mostMs = 1000;
const dareAfterMs = 5000;
/** What is late comes in pieces, and the player runs dry between them: a stall is one for so long. */
const oneStallMs = 1000;

export interface PlayoutDelay {
  /** The delay now, in ms. */
  readonly ms: number;
  /** The player has nothing to show. Times are of one monotonic clock, in ms. */
  runsDry(nowMs: number): void;
  /** Media came. */
  plays(nowMs: number): void;
}

/** `leastMs`: the delay where the network is steady. */
export function createPlayoutDelay(leastMs: number): PlayoutDelay {
  let ms = leastMs;
  /** When it ran dry, or dared less, the last time. */
  let changedAtMs = Number.NEGATIVE_INFINITY;
  let stalledAtMs = Number.NEGATIVE_INFINITY;
  return {
    get ms() {
      return ms;
    },
    runsDry(nowMs) {
      changedAtMs = nowMs;
      if (nowMs - stalledAtMs < oneStallMs) return;
      stalledAtMs = nowMs;
      ms = Math.min(ms + stepMs, mostMs);
    },
    plays(nowMs) {
      if (ms === leastMs || nowMs - changedAtMs < dareAfterMs) return;
      ms = Math.max(leastMs, ms - stepMs / 4);
      changedAtMs = nowMs;
    },
  };
}
