/** libx264 for live pictures: no B-frames, no look-ahead; call it inside `inNative` only. */
import type { NativeAv } from './native.js';
import { openPictureCodec, type PictureEncoder, type PictureOptions, setRate } from './picture-codec.js';

export interface X264Options extends PictureOptions {
  readonly preset: 'ultrafast' | 'superfast' | 'veryfast' | 'faster' | 'fast' | 'medium';
  readonly profile: 'baseline' | 'main' | 'high';
  /** True: SPS and PPS in the extra data, known before the first picture. False: before each key picture. */
  readonly globalHeader: boolean;
}

/** Pictures in Annex B. */
export interface X264 extends PictureEncoder {
  readonly extraData: Uint8Array;
}

/** A new bitrate takes effect with the next picture. */
export function openX264(av: NativeAv, options: X264Options): X264 {
  const { context, encode, close } = openPictureCodec(av, av.constants.FF_ENCODER_LIBX264, options, [
    ['preset', options.preset],
    ['tune', 'zerolatency'],
    ['profile', options.profile],
    ['sc_threshold', '0'],
    ['forced-idr', '1'],
  ]);
  const setBitrate = (kbps: number): void => setRate(context, kbps);
  return { extraData: Uint8Array.from(context.extraData ?? []), encode, setBitrate, close };
}
