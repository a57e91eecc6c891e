/** So many units are remembered: those of raw audio are of unequal length. */
const remembered = 8;
/** More than so many times the longest of them is damage: a damaged header makes two seconds of noise out of 20 ms of Speex. */
const most = 2;

/** Says how much of what a unit decoded to is its own audio. */
export interface UnitLength {
  /** The length at which to cut it. A much longer one than before counts when the next one is as long. */
  keep(samples: number): number;
}

export function createUnitLength(): UnitLength {
  let lengths: readonly number[] = [];
  let isDoubted = false;

  return {
    keep(samples) {
      const longest = Math.max(0, ...lengths);
      if (longest > 0 && samples > most * longest && !isDoubted) {
        isDoubted = true;
        return longest;
      }
      isDoubted = false;
      lengths = [samples, ...lengths].slice(0, remembered);
      return samples;
    },
  };
}
