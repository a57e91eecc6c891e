/**
 * Whether a stream's frames come in another order than they are shown: browsers play such H.264 in jerks or not at
 * all over WebRTC. Decided from what is known first, and again when what is seen says otherwise (docs/media.md 7):
 *
 * - Baseline profile, or an SPS that states no reordering: none.
 * - An SPS that states reordering: there are, until 300 frames in a row have shown none.
 * - Otherwise by the frames: a B slice, or composition times that are not all one.
 */
import type { Sps } from './h264-sps.js';

/** 5 to 12 s: an encoder that may reorder and has not done so by then does not. */
const convincedAfter = 300;
const baseline = 66;

export interface BFrames {
  /** Null while nothing is decided: the first frame decides at the latest. */
  readonly present: boolean | null;
  /** Stated, or seen for so long that frames to come need not be looked at: they would change it only with the source itself. */
  readonly isSure: boolean;
  /** What decided, for people. */
  readonly reason: string;
  readonly framesWithout: number;
  readonly firstCompositionMs: number | null;
}

export function initialBFrames(): BFrames {
  return { present: null, isSure: false, reason: 'no frame yet', framesWithout: 0, firstCompositionMs: null };
}

/** Decided by the codec or its configuration. */
export function withoutBFrames(reason: string): BFrames {
  return { ...initialBFrames(), present: false, isSure: true, reason };
}

/** A new sequence header begins anew. */
export function configureBFrames(sps: Sps): BFrames {
  const fresh = initialBFrames();
  if (sps.profileIdc === baseline) return withoutBFrames('Baseline profile has no B-frames');
  if (sps.maxNumReorderFrames === null) return { ...fresh, reason: 'the SPS does not say; the frames will' };
  if (sps.maxNumReorderFrames === 0) return withoutBFrames('the SPS states no reordering');
  return { ...fresh, present: true, reason: `the SPS states reordering of ${sps.maxNumReorderFrames} frames` };
}

export interface SeenFrame {
  readonly compositionTimeMs: number;
  /** True when any of its slices is a B slice. */
  readonly hasB: boolean;
}

export function seeFrame(state: BFrames, frame: SeenFrame): BFrames {
  const firstCompositionMs = state.firstCompositionMs ?? frame.compositionTimeMs;
  if (frame.hasB) {
    const reason = state.present === true ? state.reason : 'a B slice was seen';
    return { present: true, isSure: true, reason, framesWithout: 0, firstCompositionMs };
  }
  // Stamps are rounded to whole milliseconds: 1 ms of difference says nothing. One offset for all is no reordering either.
  if (state.present !== true && Math.abs(frame.compositionTimeMs - firstCompositionMs) > 1) {
    return { present: true, isSure: true, reason: 'composition times differ', framesWithout: 0, firstCompositionMs };
  }
  const framesWithout = state.framesWithout + 1;
  if (state.present === true && framesWithout >= convincedAfter) {
    const reason = `no B slice in ${convincedAfter} frames`;
    return { present: false, isSure: true, reason, framesWithout, firstCompositionMs: frame.compositionTimeMs };
  }
  const isSure = state.isSure || framesWithout >= convincedAfter;
  return { present: state.present ?? false, isSure, reason: state.reason, framesWithout, firstCompositionMs };
}
