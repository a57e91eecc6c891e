/** What the encoders of live frames have in common: one frame in and at once one out; call it inside `inNative` only. */
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  type FFEncoderCodec,
} from 'node-av/constants';
import type { CodecContext, Frame } from 'node-av/lib';
import { mustSucceed, type NativeAv } from './native.js';

export interface FrameEncoderOptions {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly bitrateKbps: number;
  /** Frames from keyframe to keyframe, at most; `forceKey` makes one earlier. */
  readonly gopFrames: number;
  readonly threads: number;
  /** Frames of one second have timestamps so far apart. */
  readonly timeBase: number;
}

export interface EncodedFrame {
  readonly isKeyframe: boolean;
  readonly pts: bigint;
  /** Valid until the next call. */
  readonly data: Uint8Array;
}

export interface FrameEncoder {
  /** Null when the encoder gave nothing for the frame. */
  encode(frame: Frame, forceKey: boolean): EncodedFrame | null;
  setBitrate(kbps: number): void;
  close(): void;
}

export interface EncoderContext extends Pick<FrameEncoder, 'encode' | 'close'> {
  readonly context: CodecContext;
}

/** Half a second of the bitrate: a keyframe may be that large, and no more. */
export const bufferSeconds = 0.5;

/** `settings`: the encoder's own options by name. */
export function openEncoderContext(
  { lib }: NativeAv,
  name: FFEncoderCodec,
  options: FrameEncoderOptions & { readonly globalHeader: boolean },
  settings: readonly (readonly [name: string, value: string])[],
): EncoderContext {
  const context = new lib.CodecContext();
  const packet = new lib.Packet();
  const close = (): void => {
    packet.free();
    context.freeContext();
  };
  try {
    const codec = lib.Codec.findEncoderByName(name);
    context.allocContext3(codec);
    context.width = options.width;
    context.height = options.height;
    context.pixelFormat = AV_PIX_FMT_YUV420P;
    context.timeBase = new lib.Rational(1, options.timeBase);
    context.framerate = new lib.Rational(options.fps, 1);
    context.gopSize = options.gopFrames;
    context.maxBFrames = 0;
    context.threadCount = options.threads;
    setRate(context, options.bitrateKbps);
    if (options.globalHeader) context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    for (const [option, value] of settings) mustSucceed(`${name} option ${option}`, context.setOption(option, value));
    mustSucceed(`opening ${name}`, context.open2Sync(codec, null));
    packet.alloc();
  } catch (error) {
    close();
    throw error;
  }

  return {
    context,
    encode(frame, forceKey) {
      // Left as decoded, an encoder would give the frame its source's type (docs/media.md 3).
      frame.pictType = forceKey ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
      packet.unref();
      mustSucceed(`encoding by ${name}`, context.sendFrameSync(frame));
      if (context.receivePacketSync(packet) < 0) return null;
      return { isKeyframe: packet.isKeyframe, pts: packet.pts, data: packet.data ?? new Uint8Array() };
    },
    close,
  };
}

export function setRate(context: CodecContext, kbps: number): void {
  context.bitRate = BigInt(kbps * 1000);
  context.rcMaxRate = BigInt(kbps * 1000);
  context.rcBufferSize = Math.round(kbps * 1000 * bufferSeconds);
}
