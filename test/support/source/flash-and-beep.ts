/**
 * Video that turns white and a tone that begins at the same moment, twice a second: what tells how far audio and video
 * are apart. The moments lie on whole milliseconds, so that FLV's stamps say them exactly.
 */
export const flashPeriodMs = 500;
const flashMs = 100;
const beepHz = 1000;
const beepAmplitude = 0.5;

/** Filters of FFmpeg (lavfi). 30 frames per second, of which each fifteenth is the first white one. */
export const flashVideo = (size: string): string =>
  `color=black:size=${size}:rate=30,format=yuv420p,` +
  `drawbox=color=white:thickness=fill:enable='lt(mod(round(t*1000),${flashPeriodMs}),${flashMs})'`;
/** @param lateMs how long after its flash each beep begins; a multiple of 1 ms, so that it begins with the tone's own start. */
export const beepAudio = (rateHz: number, lateMs = 0): string => {
  const isOn = `lt(mod(t+${(flashPeriodMs - lateMs) / 1000},${flashPeriodMs / 1000}),${flashMs / 1000})`;
  return `aevalsrc='${beepAmplitude}*sin(2*PI*${beepHz}*t)*${isOn}':sample_rate=${rateHz}`;
};

/** When each flash and each beep began, in ms of one clock. */
export interface FlashesAndBeeps {
  readonly flashesMs: readonly number[];
  readonly beepsMs: readonly number[];
}

/** By how much each beep is later than the flash that belongs to it. */
export function beepsBehind({ flashesMs, beepsMs }: FlashesAndBeeps, periodMs = flashPeriodMs): number[] {
  return beepsMs.flatMap((beepMs) => {
    const near = flashesMs.filter((flashMs) => Math.abs(beepMs - flashMs) < periodMs / 2);
    return near.map((flashMs) => beepMs - flashMs);
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The first of each run of bright frames, by their mean luma; one that is there from the start is none. */
export function flashesOf(frames: readonly { readonly atMs: number; readonly luma: number }[]): number[] {
  const isBright = (n: number): boolean => (frames[n]?.luma ?? 0) > 128;
  return frames.filter((_, n) => n > 0 && isBright(n) && !isBright(n - 1)).map(({ atMs }) => atMs);
}

/** The first loud sample of each beep: the numbers of those that come after 50 ms of none. */
export function beepStarts(pcm: Float32Array, rateHz = 48_000): number[] {
  const quietSamples = rateHz / 20;
  const starts: number[] = [];
  let lastLoud = 0;
  for (const [n, sample] of pcm.entries()) {
    if (Math.abs(sample) < beepAmplitude / 2) continue;
    if (n - lastLoud > quietSamples) starts.push(n);
    lastLoud = n;
  }
  return starts;
}
