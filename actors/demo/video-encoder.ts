/** The demo's pictures into H.264 (x264, baseline, no B-frames) in the form that FLV carries: AVCC. */
import { inNative, mustSucceed, type NativeAv, type NativeGuard } from '../media/native.js';
import { avcConfiguration, fromAnnexB } from './avcc.js';

const bitrateKbps = 1500;
const gopSeconds = 2;

export interface EncodedPicture {
  readonly keyFrame: boolean;
  /** NAL units with 4-byte lengths. */
  readonly data: Uint8Array;
}

export interface VideoEncoder {
  /** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.2.4.1). */
  readonly configuration: Uint8Array;
  /** `yuv`: planar 4:2:0 without padding. Null when the encoder gave nothing for it. */
  encode(yuv: Uint8Array): EncodedPicture | null;
  close(): void;
}

export function createVideoEncoder(
  av: NativeAv,
  guard: NativeGuard,
  { width, height, fps }: { readonly width: number; readonly height: number; readonly fps: number },
): VideoEncoder {
  const { lib, constants } = av;
  const codec = lib.Codec.findEncoderByName(constants.FF_ENCODER_LIBX264);
  const context = new lib.CodecContext();
  const packet = new lib.Packet();
  const frame = new lib.Frame();
  const close = (): void =>
    inNative(guard, () => {
      frame.free();
      packet.free();
      context.freeContext();
    });
  const open = (): void => {
    context.allocContext3(codec);
    context.width = width;
    context.height = height;
    context.pixelFormat = constants.AV_PIX_FMT_YUV420P;
    context.timeBase = new lib.Rational(1, fps);
    context.framerate = new lib.Rational(fps, 1);
    context.gopSize = fps * gopSeconds;
    context.maxBFrames = 0;
    context.bitRate = BigInt(bitrateKbps * 1000);
    context.rcMaxRate = BigInt(bitrateKbps * 1000);
    context.rcBufferSize = bitrateKbps * 500;
    context.threadCount = 1;
    // SPS and PPS in the extra data, so that they are known before the first picture.
    context.setFlags(constants.AV_CODEC_FLAG_GLOBAL_HEADER);
    for (const [name, value] of [
      ['preset', 'ultrafast'],
      ['tune', 'zerolatency'],
      ['profile', 'baseline'],
      ['sc_threshold', '0'],
    ] as const) {
      mustSucceed(`libx264 option ${name}`, context.setOption(name, value));
    }
    mustSucceed('opening libx264', context.open2Sync(codec, null));
    packet.alloc();
    frame.alloc();
    frame.format = constants.AV_PIX_FMT_YUV420P;
    frame.width = width;
    frame.height = height;
    mustSucceed('a frame for libx264', frame.getBuffer(0));
  };
  try {
    inNative(guard, open);
  } catch (error) {
    close();
    throw error;
  }

  let encoded = 0;
  const encode = (yuv: Uint8Array): EncodedPicture | null => {
    mustSucceed('making a frame writable', frame.makeWritable());
    copyPlanes(yuv, frame.data ?? [], frame.linesize, width, height);
    frame.pts = BigInt(encoded);
    encoded += 1;
    mustSucceed('encoding H.264', context.sendFrameSync(frame));
    if (context.receivePacketSync(packet) < 0) return null;
    const picture = { keyFrame: packet.isKeyframe, data: fromAnnexB(packet.data ?? new Uint8Array()) };
    packet.unref();
    return picture;
  };

  return {
    configuration: avcConfiguration(Uint8Array.from(context.extraData ?? [])),
    encode: (yuv) => inNative(guard, () => encode(yuv)),
    close,
  };
}

/** Line by line: FFmpeg's planes have room at the end of each line. */
function copyPlanes(
  yuv: Uint8Array,
  planes: readonly Uint8Array[],
  strides: readonly number[],
  width: number,
  height: number,
): void {
  let from = 0;
  planes.slice(0, 3).forEach((plane, n) => {
    const lineBytes = n === 0 ? width : width / 2;
    const lines = n === 0 ? height : height / 2;
    const stride = strides[n] ?? lineBytes;
    for (let y = 0; y < lines; y += 1, from += lineBytes) plane.set(yuv.subarray(from, from + lineBytes), y * stride);
  });
}
