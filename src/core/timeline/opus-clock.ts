/**
 * Holds the sample count of an Opus track to the source's stamps, slowly (docs/media.md 9).
 *
 * Each Opus packet's RTP time is 960 further than the last: stamps of whole milliseconds taken over into RTP time
 * make a browser conceal a third of the audio. But a pure count drifts against the video when the source's audio
 * clock is off, so that the mean difference over some seconds decides about a correction by resampling, too slow to
 * hear: at most 40 samples a second (0.8 per packet, 0.08 % of pitch). Only a real hole is jumped over, and RTP
 * time never goes back: a count that is far ahead is waited for by leaving frames out.
 *
 * Stamps count, arrival does not: it is no input.
 */

/** Units of positions: samples of 48 kHz, the RTP clock of Opus (RFC 7587 4.1). */
const samplesPerMs = 48;
/** Media time over which the difference is averaged, and over which a correction is spread. */
const correctionWindowMs = 2000;
/** No correction below this mean difference: stamps cut to whole milliseconds are out by 1 ms at most. */
const startAboveSamples = 3 * samplesPerMs;
/** A correction once begun goes on down to this. */
const stopBelowSamples = 1 * samplesPerMs;
/** Share of the mean difference that is taken back in one window. */
const gain = 1 / 4;
const maxSamplesPerWindow = 80;
/** More than this at once is a hole in the source, not drift. */
const holeSamples = 100 * samplesPerMs;
/** While frames are left out, this much of an early count is near enough. */
const alignedSamples = 10 * samplesPerMs;

export type OpusClockAction =
  /** Encode the frame. */
  | { readonly kind: 'keep' }
  /** Encode it, and make `samples` more (negative: fewer) over the next `overSamples` by resampling. */
  | { readonly kind: 'correct'; readonly samples: number; readonly overSamples: number }
  /** The source left a hole: put the frame at its stamp, this many samples further than the count says. */
  | { readonly kind: 'jump'; readonly samples: number }
  /** The count is ahead of the stamps: leave this frame out. */
  | { readonly kind: 'drop' };

export interface OpusClockState {
  readonly windowStartMs: number | null;
  readonly sumSamples: number;
  readonly frames: number;
  readonly correcting: boolean;
  readonly dropping: boolean;
}

export function initialOpusClock(): OpusClockState {
  return { windowStartMs: null, sumSamples: 0, frames: 0, correcting: false, dropping: false };
}

/**
 * Says what to do with the next frame.
 *
 * @param mediaMs the frame's stamp: continuous media time.
 * @param position48k where the count would put the frame's first sample, in 48 kHz RTP time.
 */
export function stepOpusClock(
  state: OpusClockState,
  mediaMs: number,
  position48k: number,
): { readonly state: OpusClockState; readonly action: OpusClockAction } {
  const lateSamples = mediaMs * samplesPerMs - position48k;
  if (lateSamples > holeSamples) {
    return { state: initialOpusClock(), action: { kind: 'jump', samples: Math.round(lateSamples) } };
  }
  if (lateSamples < -(state.dropping ? alignedSamples : holeSamples)) {
    return { state: { ...initialOpusClock(), dropping: true }, action: { kind: 'drop' } };
  }
  const windowStartMs = state.windowStartMs ?? mediaMs;
  const sumSamples = state.sumSamples + lateSamples;
  const frames = state.frames + 1;
  if (mediaMs - windowStartMs < correctionWindowMs) {
    const going = { windowStartMs, sumSamples, frames, correcting: state.correcting, dropping: false };
    return { state: going, action: { kind: 'keep' } };
  }
  return closeWindow(mediaMs, sumSamples / frames, state.correcting);
}

function closeWindow(mediaMs: number, meanSamples: number, wasCorrecting: boolean) {
  const correcting = Math.abs(meanSamples) > (wasCorrecting ? stopBelowSamples : startAboveSamples);
  const state = { windowStartMs: mediaMs, sumSamples: 0, frames: 0, correcting, dropping: false };
  if (!correcting) return { state, action: { kind: 'keep' } as const };
  const samples = Math.max(-maxSamplesPerWindow, Math.min(maxSamplesPerWindow, Math.round(meanSamples * gain)));
  return { state, action: { kind: 'correct', samples, overSamples: correctionWindowMs * samplesPerMs } as const };
}
