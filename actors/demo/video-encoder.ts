/** The demo's frames into H.264 (x264, baseline, no B-frames) in the form that FLV carries: AVCC. */
import { AV_PIX_FMT_YUV420P } from 'node-av/constants';
import { inNative, mustSucceed, type NativeAv, type NativeGuard } from '../media/native.js';
import { openX264 } from '../media/x264.js';
import { avcConfiguration, fromAnnexB } from './avcc.js';

const bitrateKbps = 1500;
const gopSeconds = 2;

export interface EncodedFrame {
  readonly isKeyframe: boolean;
  /** NAL units with 4-byte lengths. */
  readonly data: Uint8Array;
}

export interface VideoEncoder {
  /** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.2.4.1). */
  readonly configuration: Uint8Array;
  /** `yuv`: planar 4:2:0 without padding. Null when the encoder gave nothing for it. */
  encode(yuv: Uint8Array): EncodedFrame | null;
  close(): void;
}

export function createVideoEncoder(
  av: NativeAv,
  guard: NativeGuard,
  { width, height, fps }: { readonly width: number; readonly height: number; readonly fps: number },
): VideoEncoder {
  const { lib } = av;
  const frame = new lib.Frame();
  const encoder = inNative(guard, () => {
    frame.alloc();
    frame.format = AV_PIX_FMT_YUV420P;
    frame.width = width;
    frame.height = height;
    mustSucceed('a frame for libx264', frame.getBuffer(0));
    return openX264(av, {
      width,
      height,
      fps,
      bitrateKbps,
      gopFrames: fps * gopSeconds,
      timeBase: fps,
      preset: 'ultrafast',
      profile: 'baseline',
      threads: 1,
      maxNalBytes: null,
      globalHeader: true,
    });
  });

  let count = 0;
  const encode = (yuv: Uint8Array): EncodedFrame | null => {
    mustSucceed('making a frame writable', frame.makeWritable());
    copyPlanes(yuv, frame.data ?? [], frame.linesize, width, height);
    frame.pts = BigInt(count);
    count += 1;
    const encoded = encoder.encode(frame, false);
    return encoded === null ? null : { isKeyframe: encoded.isKeyframe, data: fromAnnexB(encoded.data) };
  };

  return {
    configuration: avcConfiguration(encoder.extraData),
    encode: (yuv) => inNative(guard, () => encode(yuv)),
    close: () =>
      inNative(guard, () => {
        frame.free();
        encoder.close();
      }),
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
