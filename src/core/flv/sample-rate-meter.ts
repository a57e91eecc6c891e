/** Finds the rate of audio whose headers do not say it: samples against the source's own stamps. Pure. */

/** Those that audio is made in. Not the 7350 of AAC: 8000 with some bytes lost is taken for it. */
const usualRatesHz = [
  8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000,
] as const;
/** The nearest two of them are 9 % apart. */
const tolerance = 0.04;
/** Stamps are whole milliseconds: the first answer is 1 % off at most, later ones less. */
const firstWindowMs = 200;
const windowMs = 1000;
/** A step of more than this, or back, is no distance of frames. */
const longestStepMs = 1000;

export interface SampleRateMeter {
  /** One message: its stamp and its samples. The rate where a while of them is over and gives a usual one; else null. */
  observe(stampMs: number, samples: number): number | null;
}

export function createSampleRateMeter(): SampleRateMeter {
  let startMs: number | null = null;
  let lastMs = 0;
  let samplesSince = 0;
  let wantedMs = firstWindowMs;

  const begin = (stampMs: number, samples: number): void => {
    startMs = stampMs;
    samplesSince = samples;
  };

  return {
    observe(stampMs, samples) {
      const stepMs = stampMs - lastMs;
      lastMs = stampMs;
      if (startMs === null || stepMs < 0 || stepMs > longestStepMs) {
        begin(stampMs, samples);
        return null;
      }
      const passedMs = stampMs - startMs;
      // The samples of messages under one stamp count together: so a window ends where a stamp begins.
      if (stepMs === 0 || passedMs < wantedMs) {
        samplesSince += samples;
        return null;
      }
      const rateHz = (samplesSince * 1000) / passedMs;
      wantedMs = windowMs;
      begin(stampMs, samples);
      return usualRatesHz.find((usualHz) => Math.abs(usualHz / rateHz - 1) <= tolerance) ?? null;
    },
  };
}
