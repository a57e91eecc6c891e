/** libx264 for live frames: no B-frames, no look-ahead; call it inside `inNative` only. */

import { FF_ENCODER_LIBX264 } from 'node-av/constants';
import { type FrameEncoder, type FrameEncoderOptions, openEncoderContext, setRate } from './encoder-context.js';
import type { NativeAv } from './native.js';

export interface X264Options extends FrameEncoderOptions {
  readonly preset: 'ultrafast' | 'superfast' | 'veryfast' | 'faster' | 'fast' | 'medium';
  readonly profile: 'baseline' | 'main' | 'high';
  /** True: SPS and PPS in the extra data, known before the first frame. False: before each keyframe. */
  readonly globalHeader: boolean;
  /** A frame is cut into slices that are no longer; null: it is not. */
  readonly maxNalBytes: number | null;
}

/** Frames in Annex B. */
export interface X264 extends FrameEncoder {
  readonly extraData: Uint8Array;
}

/** A new bitrate takes effect with the next frame. */
export function openX264(av: NativeAv, options: X264Options): X264 {
  const { context, encode, close } = openEncoderContext(av, FF_ENCODER_LIBX264, options, [
    ['preset', options.preset],
    ['tune', 'zerolatency'],
    ['profile', options.profile],
    ['sc_threshold', '0'],
    ['forced-idr', '1'],
    ...(options.maxNalBytes === null ? [] : [['slice-max-size', String(options.maxNalBytes)] as const]),
  ]);
  const setBitrate = (kbps: number): void => setRate(context, kbps);
  return { extraData: Uint8Array.from(context.extraData ?? []), encode, setBitrate, close };
}
