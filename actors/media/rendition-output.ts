/** Scaler and encoder of a rendition, for decoded frames of one size and pixel format; call it inside `inNative` only. */
import { AV_PIX_FMT_YUV420P, SWS_BILINEAR } from 'node-av/constants';
import type { Frame, SoftwareScaleContext } from 'node-av/lib';
import { type VideoSize, wishedSize } from '../../src/core/codec/video-encoding.js';
import type { FrameEncoder } from './encoder-context.js';
import { mustSucceed, type NativeAv } from './native.js';
import { picturesOf } from './picture-memory.js';
import { scalableFormat } from './pixel-formats.js';
import { openVp8 } from './vp8.js';
import type { X264Options } from './x264.js';
import { openX264 } from './x264.js';

export interface RenditionWish {
  readonly codec: 'H264' | 'VP8';
  /** Pixels; null: as the source, or by the other one and the source's shape. */
  readonly width: number | null;
  readonly height: number | null;
  readonly bitrateKbps: number;
  /** Those who would be sent it can do without. */
  readonly isSpare?: boolean;
  /** Frames a second of the source, for rate control. */
  readonly fps: number;
  /** Of H264; VP8 has but one. */
  readonly preset: X264Options['preset'];
  readonly threads: number;
  /** Of the source's frames: larger ones are not decoded. */
  readonly maxPixels: number;
  /** Of H264: its slices are no longer; null: one slice a frame. */
  readonly maxNalBytes: number | null;
}

export interface RenditionOutput extends FrameEncoder {
  /** What its pictures take, and those of the decoder before it. */
  readonly heldBytes: number;
  /** False: the frame has another size or format, and needs another output. */
  fits(decoded: Frame): boolean;
}

/** At least one keyframe in so many seconds, besides those of the source. */
const gopSeconds = 4;

export function openRenditionOutput(av: NativeAv, decoded: Frame, wish: RenditionWish): RenditionOutput {
  const { width: sourceWidth, height: sourceHeight, format } = decoded;
  const size = wishedSize(wish, { width: sourceWidth, height: sourceHeight });
  const encoder = openEncoder(av, wish, size);
  const isSame = size.width === sourceWidth && size.height === sourceHeight && format === AV_PIX_FMT_YUV420P;
  let scaler: Scaler | null = null;
  try {
    if (!isSame) scaler = openScaler(av, decoded, size);
  } catch (error) {
    encoder.close();
    throw error;
  }
  return {
    heldBytes: picturesOf(decoded, size),
    fits: (next) => next.width === sourceWidth && next.height === sourceHeight && next.format === format,
    encode: (frame, forceKey) => encoder.encode(scaler?.scale(frame) ?? frame, forceKey),
    setBitrate: (kbps) => encoder.setBitrate(kbps),
    close() {
      encoder.close();
      scaler?.close();
    },
  };
}

function openEncoder(av: NativeAv, wish: RenditionWish, size: VideoSize): FrameEncoder {
  const { fps, bitrateKbps, threads, preset, maxNalBytes } = wish;
  const options = { ...size, fps, bitrateKbps, threads, gopFrames: fps * gopSeconds, timeBase: 90_000 };
  return wish.codec === 'VP8'
    ? openVp8(av, options)
    : openX264(av, { ...options, preset, profile: 'main', globalHeader: false, maxNalBytes });
}

interface Scaler {
  /** A frame of its own, valid until the next call. */
  scale(frame: Frame): Frame;
  close(): void;
}

function openScaler({ lib }: NativeAv, decoded: Frame, size: VideoSize): Scaler {
  const format = scalableFormat(decoded.format);
  mustSucceed(`pixel format ${decoded.format} is not one that can be scaled`, format === null ? -1 : 0);
  const scaler: SoftwareScaleContext = new lib.SoftwareScaleContext();
  const scaled = new lib.Frame();
  const close = (): void => {
    scaler.freeContext();
    scaled.free();
  };
  try {
    scaler.getContext(
      ...([decoded.width, decoded.height, format ?? AV_PIX_FMT_YUV420P] as const),
      ...([size.width, size.height, AV_PIX_FMT_YUV420P, SWS_BILINEAR] as const),
    );
    scaled.alloc();
    scaled.format = AV_PIX_FMT_YUV420P;
    scaled.width = size.width;
    scaled.height = size.height;
    mustSucceed('a frame for scaling', scaled.getBuffer(0));
  } catch (error) {
    close();
    throw error;
  }
  return {
    scale(frame) {
      mustSucceed('making a frame writable', scaled.makeWritable());
      mustSucceed('scaling', scaler.scaleFrameSync(scaled, frame));
      scaled.pts = frame.pts;
      return scaled;
    },
    close,
  };
}
