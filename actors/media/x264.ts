/** libx264 for live pictures: no B-frames, no look-ahead, one picture in and at once one out; call it inside `inNative` only. */
import type { CodecContext, Frame } from 'node-av/lib';
import { mustSucceed, type NativeAv } from './native.js';

export interface X264Options {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly bitrateKbps: number;
  /** Frames from key picture to key picture, at most; `forceKey` makes one earlier. */
  readonly gopFrames: number;
  readonly preset: 'ultrafast' | 'superfast' | 'veryfast' | 'faster' | 'fast' | 'medium';
  readonly profile: 'baseline' | 'main' | 'high';
  readonly threads: number;
  /** True: SPS and PPS in the extra data, known before the first picture. False: before each key picture. */
  readonly globalHeader: boolean;
  /** Pictures of one second have time-stamps so far apart. */
  readonly timeBase: number;
}

export interface X264 {
  readonly extraData: Uint8Array;
  /** Annex B, valid until the next call; null when the encoder gave nothing for the picture. */
  encode(
    frame: Frame,
    forceKey: boolean,
  ): { readonly keyFrame: boolean; readonly pts: bigint; readonly data: Uint8Array } | null;
  /** Takes effect with the next picture. */
  setBitrate(kbps: number): void;
  close(): void;
}

/** Half a second of the bitrate: a key picture may be that large, and no more (VBV). */
const bufferSeconds = 0.5;

export function openX264(av: NativeAv, options: X264Options): X264 {
  const { lib, constants } = av;
  const context = new lib.CodecContext();
  const packet = new lib.Packet();
  const close = (): void => {
    packet.free();
    context.freeContext();
  };
  try {
    const codec = lib.Codec.findEncoderByName(constants.FF_ENCODER_LIBX264);
    context.allocContext3(codec);
    context.width = options.width;
    context.height = options.height;
    context.pixelFormat = constants.AV_PIX_FMT_YUV420P;
    context.timeBase = new lib.Rational(1, options.timeBase);
    context.framerate = new lib.Rational(options.fps, 1);
    context.gopSize = options.gopFrames;
    context.maxBFrames = 0;
    context.threadCount = options.threads;
    setRate(context, options.bitrateKbps);
    if (options.globalHeader) context.setFlags(constants.AV_CODEC_FLAG_GLOBAL_HEADER);
    for (const [name, value] of [
      ['preset', options.preset],
      ['tune', 'zerolatency'],
      ['profile', options.profile],
      ['sc_threshold', '0'],
      ['forced-idr', '1'],
    ] as const) {
      mustSucceed(`libx264 option ${name}`, context.setOption(name, value));
    }
    mustSucceed('opening libx264', context.open2Sync(codec, null));
    packet.alloc();
  } catch (error) {
    close();
    throw error;
  }

  return {
    extraData: Uint8Array.from(context.extraData ?? []),
    encode(frame, forceKey) {
      // Left as decoded, x264 would make the picture of its source's type (MEDIA.md 3).
      frame.pictType = forceKey ? constants.AV_PICTURE_TYPE_I : constants.AV_PICTURE_TYPE_NONE;
      packet.unref();
      mustSucceed('encoding H.264', context.sendFrameSync(frame));
      if (context.receivePacketSync(packet) < 0) return null;
      return { keyFrame: packet.isKeyframe, pts: packet.pts, data: packet.data ?? new Uint8Array() };
    },
    setBitrate: (kbps) => setRate(context, kbps),
    close,
  };
}

function setRate(context: CodecContext, kbps: number): void {
  context.bitRate = BigInt(kbps * 1000);
  context.rcMaxRate = BigInt(kbps * 1000);
  context.rcBufferSize = Math.round(kbps * 1000 * bufferSeconds);
}
