/** One keyframe of a stream as a PNG or JPEG file. Up to a second of work at 1080p: a matter for the pool, never for an actor. */
import {
  AV_CODEC_FLAG_QSCALE,
  AV_CODEC_ID_MJPEG,
  AV_CODEC_ID_PNG,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUVJ420P,
  SWS_BILINEAR,
} from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import type { VideoConfig } from '../../src/core/codec/video-config.js';
import { SluiceError } from '../../src/errors.js';
import { inNative, mustSucceed, type NativeAv, type NativeGuard } from './native.js';
import { scalableFormat } from './pixel-formats.js';
import { createVideoDecoder } from './video-decoder.js';

export interface Keyframe {
  readonly config: VideoConfig;
  /** Access units as FLV carries them: one, or where pictures are whole only some frames behind a start, all up to that one. */
  readonly frames: readonly Uint8Array[];
}

/** How a keyframe is to look as a file. */
export interface StillForm {
  readonly format: 'png' | 'jpeg';
  /** Pixels; the height follows. Null: as the source. Never more than the source has. */
  readonly width: number | null;
}

/** FFmpeg's scale is 1, the best, to 31, in 118ths (FF_QP2LAMBDA). */
const jpegQuality = 4 * 118;
/** Fast and a third larger: the default level takes four times as long (docs/media.md 6). */
const compressionLevel = '1';

/** MaxLumaPs of level 6.2 (ITU-T H.265 A.4.1): 8192x4352. */
const maxPixels = 35_651_584;

/** Errors: stream.failed when the keyframe does not decode, media.tooLarge. */
export function encodeStill(
  av: NativeAv,
  guard: NativeGuard,
  { config, frames }: Keyframe,
  form: StillForm,
): Uint8Array {
  return inNative(guard, () => {
    const decoder = createVideoDecoder(av, config, 1, maxPixels);
    const last = frames.length - 1;
    let still: Uint8Array | null = null;
    const take = (frame: Frame): void => {
      if (Number(frame.pts) === last) still = encodeFrame(av, frame, form);
    };
    try {
      for (const [n, data] of frames.entries()) decoder.decode({ data, isKeyframe: n === 0, pts90k: n }, take);
      // A decoder that reorders holds the frame back until it knows that nothing comes before it.
      decoder.flush(take);
    } finally {
      decoder.close();
    }
    if (still === null) throw new SluiceError('stream.failed', 'the keyframe does not decode');
    return still;
  });
}

/** Whether any picture comes of these frames. Error: media.tooLarge. */
export function decodes(av: NativeAv, guard: NativeGuard, { config, frames }: Keyframe): boolean {
  return inNative(guard, () => {
    const decoder = createVideoDecoder(av, config, 1, maxPixels);
    let pictures = 0;
    const take = (): void => {
      pictures += 1;
    };
    try {
      for (const [n, data] of frames.entries()) decoder.decode({ data, isKeyframe: n === 0, pts90k: n }, take);
      decoder.flush(take);
    } finally {
      decoder.close();
    }
    return pictures > 0;
  });
}

const even = (pixels: number): number => Math.max(2, 2 * Math.round(pixels / 2));

function encodeFrame({ lib }: NativeAv, decoded: Frame, form: StillForm): Uint8Array {
  const { format } = decoded;
  const isPng = form.format === 'png';
  const pixels = isPng ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_YUVJ420P;
  const isSmaller = form.width !== null && form.width < decoded.width;
  const width = isSmaller ? even(form.width ?? decoded.width) : decoded.width;
  const height = isSmaller ? even((width * decoded.height) / decoded.width) : decoded.height;
  const scaler = new lib.SoftwareScaleContext();
  const context = new lib.CodecContext();
  const frame = new lib.Frame();
  const packet = new lib.Packet();
  try {
    const from = scalableFormat(format);
    if (from === null) throw new SluiceError('stream.failed', `pixel format ${format} is not one that can be shown`);
    scaler.getContext(decoded.width, decoded.height, from, width, height, pixels, SWS_BILINEAR);
    frame.alloc();
    frame.format = pixels;
    frame.width = width;
    frame.height = height;
    mustSucceed('a frame of the still', frame.getBuffer(0));
    mustSucceed('converting the frame', scaler.scaleFrameSync(frame, decoded));
    const codec = lib.Codec.findEncoder(isPng ? AV_CODEC_ID_PNG : AV_CODEC_ID_MJPEG);
    context.allocContext3(codec);
    context.width = width;
    context.height = height;
    context.pixelFormat = pixels;
    context.timeBase = new lib.Rational(1, 1);
    context.threadCount = 1;
    if (isPng) mustSucceed('PNG compression', context.setOption('compression_level', compressionLevel));
    else {
      context.setFlags(AV_CODEC_FLAG_QSCALE);
      context.globalQuality = jpegQuality;
      frame.quality = jpegQuality;
    }
    mustSucceed('opening the still encoder', context.open2Sync(codec, null));
    packet.alloc();
    mustSucceed('encoding the still', context.sendFrameSync(frame));
    mustSucceed('receiving the still', context.receivePacketSync(packet));
    return Uint8Array.from(packet.data ?? []);
  } finally {
    packet.free();
    frame.free();
    context.freeContext();
    scaler.freeContext();
  }
}
