/** Those of native/tally.h: 32 steps an octave, so that a quantile is right within 3 %. */

const steps = 32;

export function mergeHistograms(all: readonly Uint32Array[]): Uint32Array {
  const sum = new Uint32Array(all[0]?.length ?? 0);
  for (const one of all) for (const [at, count] of one.entries()) sum[at] = (sum[at] ?? 0) + count;
  return sum;
}

/** The middle of a bucket. */
function microseconds(bucket: number): number {
  const octave = Math.floor(bucket / steps);
  return octave === 0 ? bucket : (steps + (bucket % steps) + 0.5) * 2 ** (octave - 1);
}

/** The value below which this share lies, in ms; NaN: there is none. */
export function quantileMs(histogram: Uint32Array, share: number): number {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  let left = total * share;
  for (const [at, count] of histogram.entries()) {
    left -= count;
    if (left <= 0 && count > 0) return microseconds(at) / 1000;
  }
  return Number.NaN;
}
