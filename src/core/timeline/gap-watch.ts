/**
 * Tells a frame that is missing from stamps that are unsteady: a count of samples lags behind the stamps for good after the
 * one, and catches up now and then under the other. So the least lag of some time is what is missing, and the least lead
 * what is too much.
 */
const windowMs = 250;
/** The shortest frames worth filling, or cutting: most last 20 ms or more. */
const leastGapSamples = 15 * 48;

export interface GapWatch {
  /**
   * @param lateSamples how far the count is behind the frame's stamp. Gives the gap to fill in samples of 48 kHz; negative:
   * what to cut; 0: neither.
   */
  observe(mediaMs: number, lateSamples: number): number;
  /** What was seen so far no longer holds: the count was moved. */
  reset(): void;
}

export function createGapWatch(): GapWatch {
  let startMs: number | null = null;
  let least = 0;
  let most = 0;

  return {
    observe(mediaMs, lateSamples) {
      if (startMs === null) {
        startMs = mediaMs;
        [least, most] = [lateSamples, lateSamples];
        return 0;
      }
      [least, most] = [Math.min(least, lateSamples), Math.max(most, lateSamples)];
      if (mediaMs - startMs < windowMs) return 0;
      const gap = least > 0 ? least : Math.min(0, most);
      startMs = mediaMs;
      [least, most] = [lateSamples, lateSamples];
      return Math.abs(gap) >= leastGapSamples ? Math.round(gap) : 0;
    },
    reset() {
      startMs = null;
    },
  };
}
