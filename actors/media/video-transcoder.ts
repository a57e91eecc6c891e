/** One rendition of a stream's picture: decoded, scaled where wished, and encoded again without B-frames (MEDIA.md 3). */
import type { Frame, SoftwareScaleContext } from 'node-av/lib';
import { splitAnnexB } from '../../src/core/codec/annex-b.js';
import { inNative, mustSucceed, type NativeAv, type NativeGuard } from './native.js';
import { type CodedPicture, createVideoDecoder, type VideoConfig } from './video-decoder.js';
import { openX264, type X264, type X264Options } from './x264.js';

export interface RenditionWish {
  /** Pixels; null: as the source, or by the other one and the source's shape. */
  readonly width: number | null;
  readonly height: number | null;
  readonly bitrateKbps: number;
  /** Frames a second of the source, for rate control. */
  readonly fps: number;
  readonly preset: X264Options['preset'];
  readonly threads: number;
}

export interface TranscodedPicture {
  readonly keyFrame: boolean;
  /** Presentation time in 1/90,000 s: that of the source's picture. */
  readonly pts90k: number;
  /** SPS and PPS stand before each key picture. Views, valid until the next `push`. */
  readonly nals: readonly Uint8Array[];
}

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

/** At least one key picture in so many seconds, besides those of the source. */
const gopSeconds = 4;
const even = (pixels: number): number => Math.max(2, 2 * Math.round(pixels / 2));

/** Error: internal when the decoder refuses the configuration. */
export function createVideoTranscoder(
  av: NativeAv,
  guard: NativeGuard,
  config: VideoConfig,
  wish: RenditionWish,
): VideoTranscoder {
  const decoder = inNative(guard, () => createVideoDecoder(av, config, wish.threads));
  let output: Output | null = null;
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
      output = openOutput(av, decoded, { ...wish, bitrateKbps });
    }
    const encoded = output.encode(decoded, isKeyWanted || decoded.keyFrame === 1);
    if (encoded === null) return;
    if (encoded.keyFrame) isKeyWanted = false;
    into.push({ keyFrame: encoded.keyFrame, pts90k: Number(encoded.pts), nals: splitAnnexB(encoded.data) });
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

/** Scaler and encoder for decoded pictures of one size and pixel format. */
interface Output extends Pick<X264, 'encode' | 'setBitrate' | 'close'> {
  fits(decoded: Frame): boolean;
}

function openOutput(av: NativeAv, decoded: Frame, wish: RenditionWish): Output {
  const { lib, constants } = av;
  const { width: sourceWidth, height: sourceHeight, format } = decoded;
  const { width, height } = sizeOf(wish, sourceWidth, sourceHeight);
  const encoder = openX264(av, {
    ...{ width, height, fps: wish.fps, bitrateKbps: wish.bitrateKbps, gopFrames: wish.fps * gopSeconds },
    ...{ preset: wish.preset, profile: 'main', threads: wish.threads, globalHeader: false, timeBase: 90_000 },
  });
  const isSame = width === sourceWidth && height === sourceHeight && format === constants.AV_PIX_FMT_YUV420P;
  let scaler: SoftwareScaleContext | null = null;
  let scaled: Frame | null = null;
  const close = (): void => {
    encoder.close();
    scaler?.freeContext();
    scaled?.free();
  };
  if (!isSame) {
    try {
      const from = [constants.AV_PIX_FMT_YUV420P, constants.AV_PIX_FMT_YUVJ420P, constants.AV_PIX_FMT_YUV420P10LE];
      const known = [...from, constants.AV_PIX_FMT_YUV422P, constants.AV_PIX_FMT_YUV444P, constants.AV_PIX_FMT_NV12];
      const sourceFormat = known.find((one) => one === format);
      mustSucceed(`pixel format ${format} is not one that can be scaled`, sourceFormat === undefined ? -1 : 0);
      scaler = new lib.SoftwareScaleContext();
      scaler.getContext(
        ...([sourceWidth, sourceHeight, sourceFormat ?? constants.AV_PIX_FMT_YUV420P] as const),
        ...([width, height, constants.AV_PIX_FMT_YUV420P, constants.SWS_BILINEAR] as const),
      );
      scaled = new lib.Frame();
      scaled.alloc();
      scaled.format = constants.AV_PIX_FMT_YUV420P;
      scaled.width = width;
      scaled.height = height;
      mustSucceed('a frame for scaling', scaled.getBuffer(0));
    } catch (error) {
      close();
      throw error;
    }
  }

  return {
    fits: (next) => next.width === sourceWidth && next.height === sourceHeight && next.format === format,
    encode(frame, forceKey) {
      if (scaler === null || scaled === null) return encoder.encode(frame, forceKey);
      mustSucceed('making a frame writable', scaled.makeWritable());
      mustSucceed('scaling', scaler.scaleFrameSync(scaled, frame));
      scaled.pts = frame.pts;
      return encoder.encode(scaled, forceKey);
    },
    setBitrate: encoder.setBitrate,
    close,
  };
}

function sizeOf(wish: RenditionWish, sourceWidth: number, sourceHeight: number): { width: number; height: number } {
  const width = wish.width ?? (wish.height === null ? sourceWidth : (wish.height * sourceWidth) / sourceHeight);
  const height = wish.height ?? (width * sourceHeight) / sourceWidth;
  return { width: even(width), height: even(height) };
}
