/** What FFmpeg's decoders make of a rendition's frames. */
import { AV_CODEC_ID_H264, AV_CODEC_ID_VP8 } from 'node-av/constants';
import { inNative, loadNativeAv, mustSucceed } from '../../../actors/media/native.js';
import type { TranscodedFrame } from '../../../actors/media/video-transcoder.js';
import { noGuard } from './coded-video.js';
import { type Plane, readNumber } from './numbered-frame.js';

export interface DecodedFrame {
  readonly pts90k: number;
  readonly width: number;
  readonly height: number;
  /** As numbered-frame.ts paints it. */
  readonly number: number;
}

/** All of them, whatever the decoder holds back included. Throws when it refuses one. */
export const decodeFrames = (frames: readonly TranscodedFrame[]): Promise<DecodedFrame[]> =>
  decodeEach(frames, (luma, pts90k, width, height) => {
    return { pts90k, width, height, number: readNumber(luma, width, height) };
  });

/** What `look` finds in each of them, in order of presentation; its plane is valid during the call. */
export async function decodeEach<T>(
  frames: readonly TranscodedFrame[],
  look: (luma: Plane, pts90k: number, width: number, height: number) => T,
): Promise<T[]> {
  const { lib } = await loadNativeAv(noGuard);
  const ids = { H264: AV_CODEC_ID_H264, VP8: AV_CODEC_ID_VP8 } as const;
  return inNative(noGuard, () => {
    const codec = lib.Codec.findDecoder(ids[frames[0]?.codec ?? 'H264']);
    const context = new lib.CodecContext();
    const packet = new lib.Packet();
    const frame = new lib.Frame();
    context.allocContext3(codec);
    mustSucceed('opening a decoder', context.open2Sync(codec, null));
    packet.alloc();
    frame.alloc();
    const decoded: T[] = [];
    const drain = (): void => {
      while (context.receiveFrameSync(frame) >= 0) {
        const { width, height } = frame;
        const luma = { data: frame.data?.[0] ?? new Uint8Array(), stride: frame.linesize[0] ?? width };
        decoded.push(look(luma, Number(frame.pts), width, height));
        frame.unref();
      }
    };
    for (const frame of frames) {
      packet.data = bytesOf(frame);
      packet.pts = BigInt(frame.pts90k);
      mustSucceed(`decoding ${frame.codec}`, context.sendPacketSync(packet));
      packet.unref();
      drain();
    }
    context.sendPacketSync(null);
    drain();
    for (const owner of [packet, frame]) owner.free();
    context.freeContext();
    return decoded;
  });
}

function bytesOf(frame: TranscodedFrame): Buffer {
  if (frame.codec === 'VP8') return Buffer.from(frame.data);
  return Buffer.concat(frame.nals.flatMap((nal) => [Buffer.of(0, 0, 0, 1), nal]));
}
