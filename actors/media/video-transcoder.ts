/** One rendition of a stream's video: decoded, scaled where wished, and encoded again without B-frames (docs/media.md 3). */
import type { Frame } from 'node-av/lib';
import type { AccessUnit } from '../../src/core/codec/access-unit.js';
import { splitAnnexB } from '../../src/core/codec/annex-b.js';
import type { VideoConfig } from '../../src/core/codec/video-config.js';
import type { EncodedFrame } from './encoder-context.js';
import { inNative, type NativeAv, type NativeGuard } from './native.js';
import { openRenditionOutput, type RenditionOutput, type RenditionWish } from './rendition-output.js';
import { createVideoDecoder } from './video-decoder.js';

interface Encoded {
  readonly isKeyframe: boolean;
  /** Presentation time in 1/90,000 s: that of the source's frame. */
  readonly pts90k: number;
}

/** Its bytes are its own: nothing else lies in their buffer. */
export type TranscodedFrame =
  /** SPS and PPS stand before each keyframe. */
  | (Encoded & { readonly codec: 'H264'; readonly nals: readonly Uint8Array[] })
  | (Encoded & { readonly codec: 'VP8'; readonly data: Uint8Array });

export interface VideoTranscoder {
  /**
   * The frames that this one completes: none, one or more, in order of presentation. `isShown` false: from here on
   * frames are decoded and not encoded, so that what follows can be decoded.
   */
  push(unit: AccessUnit & { readonly isShown?: boolean }): TranscodedFrame[];
  setBitrate(kbps: number): void;
  /** What FFmpeg holds of pictures. */
  readonly heldBytes: number;
  /** Access units that the decoder refused. */
  readonly decodeErrors: number;
  /** Frees everything native; `push` then gives nothing. */
  close(): void;
}

/** Of one encoded frame and the next: 1 ms. */
const leastStep90k = 90;

/**
 * Frames presented up to `shownAfter90k`, in 1/90,000 s, are decoded only. Error: internal when the decoder refuses the
 * configuration.
 */
export function createVideoTranscoder(
  av: NativeAv,
  guard: NativeGuard,
  config: VideoConfig,
  wish: RenditionWish,
  shownAfter90k = Number.NEGATIVE_INFINITY,
): VideoTranscoder {
  const decoder = inNative(guard, () => createVideoDecoder(av, config, wish.threads, wish.maxPixels));
  let output: RenditionOutput | null = null;
  let bitrateKbps = wish.bitrateKbps;
  let decodeErrors = 0;
  let closed = false;

  /** Presentation time from which on frames are shown; those before were decoded for the others' sake. */
  let shown90k = shownAfter90k;
  let encoded90k = Number.NEGATIVE_INFINITY;

  const encode = (decoded: Frame, into: TranscodedFrame[]): void => {
    const pts90k = Number(decoded.pts);
    if (pts90k <= shown90k) return;
    // Stamps of a source may be false; RTP time never runs back.
    encoded90k = Math.max(pts90k, encoded90k + leastStep90k);
    decoded.pts = BigInt(encoded90k);
    if (output === null || !output.fits(decoded)) {
      output?.close();
      output = null;
      output = openRenditionOutput(av, decoded, { ...wish, bitrateKbps });
    }
    const encoded = output.encode(decoded, decoded.keyFrame === 1);
    if (encoded === null) return;
    into.push(formOf(wish.codec, encoded));
  };

  return {
    push(unit) {
      if (closed) return [];
      const frames: TranscodedFrame[] = [];
      if (unit.isShown === false) shown90k = Math.max(shown90k, unit.pts90k);
      inNative(guard, () => {
        if (!decoder.decode(unit, (frame) => encode(frame, frames))) decodeErrors += 1;
      });
      return frames;
    },
    setBitrate(kbps) {
      bitrateKbps = kbps;
      inNative(guard, () => output?.setBitrate(kbps));
    },
    get heldBytes() {
      return output?.heldBytes ?? 0;
    },
    get decodeErrors() {
      return decodeErrors;
    },
    close() {
      if (closed) return;
      closed = true;
      inNative(guard, () => {
        decoder.close();
        output?.close();
        output = null;
      });
    },
  };
}

function formOf(codec: RenditionWish['codec'], { isKeyframe, pts, data }: EncodedFrame): TranscodedFrame {
  const copy = new Uint8Array(data);
  const frame = { isKeyframe, pts90k: Number(pts) };
  return codec === 'VP8' ? { ...frame, codec, data: copy } : { ...frame, codec, nals: splitAnnexB(copy) };
}
