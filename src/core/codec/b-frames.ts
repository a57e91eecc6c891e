/**
 * Whether a stream's frames come in another order than they are shown: browsers play such video in jerks or not at all over
 * WebRTC. Decided from what is known first (docs/media.md 7):
 *
 * - Baseline profile, or an SPS that states no reordering: none, until a B slice says otherwise. Composition times are not
 *   believed against the SPS.
 * - An SPS that states reordering: there are, for as long as it is in use. Frames that show none promise nothing of the next.
 * - An SPS that does not say: by the frames, a B slice, or composition times that are not all one; and once seen, for good.
 */
import type { Sps } from './h264-sps.js';

/** 5 to 12 s: an encoder that may reorder and has not done so by then does not. */
const convincedAfter = 300;
const baseline = 66;
/** No decoder holds frames back for longer: what says so is a fault of the stamps. */
const mostCompositionMs = 5000;

export interface BFrames {
  /** Null while nothing is decided: the first frame decides at the latest. */
  readonly present: boolean | null;
  /** Stated, or seen for so long that frames to come need not be looked at: they would change it only with the source itself. */
  readonly isSure: boolean;
  /** By the codec or its SPS: composition times then say nothing more. */
  readonly isStated: boolean;
  /** What decided, for people. */
  readonly reason: string;
  readonly framesWithout: number;
  readonly firstCompositionMs: number | null;
}

export function initialBFrames(): BFrames {
  return {
    present: null,
    isSure: false,
    isStated: false,
    reason: 'no frame yet',
    framesWithout: 0,
    firstCompositionMs: null,
  };
}

/** Decided by the codec or its configuration. */
export function withoutBFrames(reason: string): BFrames {
  return { ...initialBFrames(), present: false, isSure: true, isStated: true, reason };
}

/** A new SPS begins again. */
export function configureBFrames(sps: Pick<Sps, 'profileIdc' | 'maxNumReorderFrames'>): BFrames {
  if (sps.profileIdc === baseline) return withoutBFrames('Baseline profile has no B-frames');
  if (sps.maxNumReorderFrames !== null) return statedReordering(sps.maxNumReorderFrames);
  return { ...initialBFrames(), reason: 'the SPS does not say; the frames will' };
}

/** By the number of frames that may be reordered. */
export function statedReordering(frames: number): BFrames {
  if (frames === 0) return withoutBFrames('the SPS states no reordering');
  return { ...initialBFrames(), present: true, isSure: true, reason: `the SPS states reordering of ${frames} frames` };
}

export interface SeenFrame {
  readonly compositionTimeMs: number;
  /** True when any of its slices is a B slice. */
  readonly hasB: boolean;
}

export function seeFrame(state: BFrames, { compositionTimeMs, hasB }: SeenFrame): BFrames {
  if (state.present === true) return state;
  if (hasB) return { ...state, present: true, isSure: true, reason: 'a B slice was seen' };
  if ((state.present === false && state.isStated) || Math.abs(compositionTimeMs) > mostCompositionMs) {
    return state.present === null ? { ...state, present: false } : state;
  }
  const firstCompositionMs = state.firstCompositionMs ?? compositionTimeMs;
  // Stamps are rounded to whole milliseconds: 1 ms of difference says nothing. One offset for all is no reordering either.
  if (Math.abs(compositionTimeMs - firstCompositionMs) > 1) {
    return { ...state, present: true, isSure: true, reason: 'composition times differ', firstCompositionMs };
  }
  const framesWithout = state.framesWithout + 1;
  const isSure = state.isSure || framesWithout >= convincedAfter;
  return { ...state, present: false, isSure, framesWithout, firstCompositionMs };
}
