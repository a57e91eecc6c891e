/** One rendition of a stream's picture: decoded, scaled where wished, and encoded again without B-frames (MEDIA.md 3). */
import type { Frame } from 'node-av/lib';
import { splitAnnexB } from '../../src/core/codec/annex-b.js';
import type { VideoConfig } from '../../src/core/codec/video-config.js';
import { inNative, type NativeAv, type NativeGuard } from './native.js';
import type { EncodedPicture } from './picture-codec.js';
import { openRenditionOutput, type RenditionOutput, type RenditionWish } from './rendition-output.js';
import { type CodedPicture, createVideoDecoder } from './video-decoder.js';

interface EncodedForm {
  readonly keyFrame: boolean;
  /** Presentation time in 1/90,000 s: that of the source's picture. */
  readonly pts90k: number;
}

/** Its bytes are its own: nothing else lies in their buffer. */
export type TranscodedPicture =
  /** SPS and PPS stand before each key picture. */
  | (EncodedForm & { readonly codec: 'H264'; readonly nals: readonly Uint8Array[] })
  | (EncodedForm & { readonly codec: 'VP8'; readonly data: Uint8Array });

export interface VideoTranscoder {
  /**
   * The pictures that this one completes: none, one or more, in order of presentation. `isShown` false: from here on
   * pictures are decoded and not encoded, so that what follows can be decoded.
   */
  push(picture: CodedPicture & { readonly isShown?: boolean }): TranscodedPicture[];
  /** The next picture becomes a key picture. */
  requestKey(): void;
  setBitrate(kbps: number): void;
  /** Access units that the decoder refused. */
  readonly decodeErrors: number;
  /** Frees everything native; `push` then gives nothing. */
  close(): void;
}

/** Error: internal when the decoder refuses the configuration. */
export function createVideoTranscoder(
  av: NativeAv,
  guard: NativeGuard,
  config: VideoConfig,
  wish: RenditionWish,
): VideoTranscoder {
  const decoder = inNative(guard, () => createVideoDecoder(av, config, wish.threads));
  let output: RenditionOutput | null = null;
  let bitrateKbps = wish.bitrateKbps;
  let isKeyWanted = false;
  let decodeErrors = 0;
  let closed = false;

  /** Presentation time from which on pictures are shown; those before were decoded for the others' sake. */
  let shownFrom90k = Number.NEGATIVE_INFINITY;

  const encode = (decoded: Frame, into: TranscodedPicture[]): void => {
    if (Number(decoded.pts) < shownFrom90k) return;
    if (output === null || !output.fits(decoded)) {
      output?.close();
      output = null;
      output = openRenditionOutput(av, decoded, { ...wish, bitrateKbps });
    }
    const encoded = output.encode(decoded, isKeyWanted || decoded.keyFrame === 1);
    if (encoded === null) return;
    if (encoded.keyFrame) isKeyWanted = false;
    into.push(formOf(wish.codec, encoded));
  };

  return {
    push(picture) {
      if (closed) return [];
      const pictures: TranscodedPicture[] = [];
      if (picture.isShown === false) shownFrom90k = picture.pts90k + 1;
      inNative(guard, () => {
        if (!decoder.decode(picture, (frame) => encode(frame, pictures))) decodeErrors += 1;
      });
      return pictures;
    },
    requestKey() {
      isKeyWanted = true;
    },
    setBitrate(kbps) {
      bitrateKbps = kbps;
      inNative(guard, () => output?.setBitrate(kbps));
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
      });
    },
  };
}

function formOf(codec: RenditionWish['codec'], { keyFrame, pts, data }: EncodedPicture): TranscodedPicture {
  const own = new Uint8Array(data);
  const form = { keyFrame, pts90k: Number(pts) };
  return codec === 'VP8' ? { ...form, codec, data: own } : { ...form, codec, nals: splitAnnexB(own) };
}
