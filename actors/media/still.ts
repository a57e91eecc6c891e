/** One keyframe of a stream as a PNG file. A second of work at 1080p: a matter for the pool, never for an actor. */
import {
  AV_CODEC_ID_PNG,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV420P10LE,
  AV_PIX_FMT_YUV422P,
  AV_PIX_FMT_YUV444P,
  AV_PIX_FMT_YUVJ420P,
  SWS_BILINEAR,
} from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import type { VideoConfig } from '../../src/core/codec/video-config.js';
import { SluiceError } from '../../src/errors.js';
import { inNative, mustSucceed, type NativeAv, type NativeGuard } from './native.js';
import { createVideoDecoder } from './video-decoder.js';

export interface Keyframe {
  readonly config: VideoConfig;
  /** The access unit, as FLV carries it. */
  readonly data: Uint8Array;
}

/** Fast and a third larger: the default level takes four times as long (docs/media.md 6). */
const compressionLevel = '1';

/** MaxLumaPs of level 6.2 (ITU-T H.265 A.4.1): 8192x4352. */
const maxPixels = 35_651_584;

/** Errors: stream.failed when the keyframe does not decode, media.tooLarge. */
export function encodeStill(av: NativeAv, guard: NativeGuard, { config, data }: Keyframe): Uint8Array {
  return inNative(guard, () => {
    const decoder = createVideoDecoder(av, config, 1, maxPixels);
    let png: Uint8Array | null = null;
    const take = (frame: Frame): void => {
      png ??= encodePng(av, frame);
    };
    try {
      decoder.decode({ data, isKeyframe: true, pts90k: 0 }, take);
      // A decoder that reorders holds the frame back until it knows that nothing comes before it.
      decoder.flush(take);
    } finally {
      decoder.close();
    }
    if (png === null) throw new SluiceError('stream.failed', 'the keyframe does not decode');
    return png;
  });
}

function encodePng({ lib }: NativeAv, decoded: Frame): Uint8Array {
  const { width, height, format } = decoded;
  const scaler = new lib.SoftwareScaleContext();
  const context = new lib.CodecContext();
  const frame = new lib.Frame();
  const packet = new lib.Packet();
  try {
    const known = [AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P10LE];
    const from = [...known, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV444P].find((one) => one === format);
    if (from === undefined)
      throw new SluiceError('stream.failed', `pixel format ${format} is not one that can be shown`);
    scaler.getContext(width, height, from, width, height, AV_PIX_FMT_RGB24, SWS_BILINEAR);
    frame.alloc();
    frame.format = AV_PIX_FMT_RGB24;
    frame.width = width;
    frame.height = height;
    mustSucceed('a frame for PNG', frame.getBuffer(0));
    mustSucceed('converting to RGB', scaler.scaleFrameSync(frame, decoded));
    const codec = lib.Codec.findEncoder(AV_CODEC_ID_PNG);
    context.allocContext3(codec);
    context.width = width;
    context.height = height;
    context.pixelFormat = AV_PIX_FMT_RGB24;
    context.timeBase = new lib.Rational(1, 1);
    context.threadCount = 1;
    mustSucceed('PNG compression', context.setOption('compression_level', compressionLevel));
    mustSucceed('opening the PNG encoder', context.open2Sync(codec, null));
    packet.alloc();
    mustSucceed('encoding PNG', context.sendFrameSync(frame));
    mustSucceed('receiving PNG', context.receivePacketSync(packet));
    return Uint8Array.from(packet.data ?? []);
  } finally {
    packet.free();
    frame.free();
    context.freeContext();
    scaler.freeContext();
  }
}
