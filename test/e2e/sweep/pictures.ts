/** What FFmpeg's decoders make of the packets of a viewer's video. */
import { AssertionError } from 'node:assert';
import {
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_VP8,
  AV_CODEC_ID_VP9,
} from 'node-av/constants';
import { inNative, loadNativeAv, mustSucceed } from '../../../actors/media/native.js';
import { noGuard } from '../../support/media/coded-video.js';
import { depacketiseAv1 } from '../../support/rtp/av1-depacketiser.js';
import { depacketise } from '../../support/rtp/h264-depacketiser.js';
import { depacketiseH265 } from '../../support/rtp/h265-depacketiser.js';
import { depacketiseVp8, depacketiseVp9 } from '../../support/rtp/vpx-depacketiser.js';
import type { SeenRtp } from '../../support/viewer/stream-viewer.js';

const ids = {
  H264: AV_CODEC_ID_H264,
  H265: AV_CODEC_ID_HEVC,
  AV1: AV_CODEC_ID_AV1,
  VP8: AV_CODEC_ID_VP8,
  VP9: AV_CODEC_ID_VP9,
} as const;

export type RtpCodec = keyof typeof ids;

export const isRtpCodec = (name: string): name is RtpCodec => Object.hasOwn(ids, name);

/** A whole frame as it came. */
export interface SeenFrame {
  readonly timestamp: number;
  /** When its last packet came, by the monotonic clock. */
  readonly atMs: number;
  readonly payloads: readonly Uint8Array[];
}

/** Frames whose packets are all there, from packets in any order. */
export function framesOf(packets: readonly SeenRtp[]): readonly SeenFrame[] {
  const first = packets[0]?.sequence ?? 0;
  const placeOf = ({ sequence }: SeenRtp): number => ((sequence - first + 0x8000) & 0xffff) - 0x8000;
  const frames: SeenFrame[] = [];
  let parts: SeenRtp[] = [];
  for (const packet of packets.toSorted((one, other) => placeOf(one) - placeOf(other))) {
    const last = parts.at(-1);
    if (last !== undefined && (last.sequence + 1) % 0x1_0000 !== packet.sequence) parts = [];
    parts.push(packet);
    if (!packet.marker) continue;
    const payloads = parts.map(({ payload }) => payload);
    frames.push({ timestamp: packet.timestamp, atMs: Number(packet.atNs) / 1e6, payloads });
    parts = [];
  }
  return frames;
}

const startCode = Uint8Array.of(0, 0, 0, 1);
const asByteStream = (nals: readonly Uint8Array[]): Buffer => Buffer.concat(nals.flatMap((nal) => [startCode, nal]));

/** With the size fields that decoders of files want (AV1 5.3.1). */
const withSizes = (obus: readonly Uint8Array[]): Buffer =>
  Buffer.concat(
    obus.flatMap((obu) => {
      const headBytes = ((obu[0] ?? 0) & 4) === 0 ? 1 : 2;
      const [head = 0, ...extension] = obu.subarray(0, headBytes);
      const payload = obu.subarray(headBytes);
      const size: number[] = [];
      for (let left = payload.length; ; left >>= 7) {
        size.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
        if (left <= 0x7f) break;
      }
      return [Uint8Array.of(head | 2, ...extension, ...size), payload];
    }),
  );

function bytesOf(codec: RtpCodec, { payloads }: SeenFrame): Buffer {
  switch (codec) {
    case 'H264':
      return asByteStream(depacketise(payloads));
    case 'H265':
      return asByteStream(depacketiseH265(payloads));
    case 'AV1':
      return withSizes(depacketiseAv1(payloads));
    case 'VP8':
      return Buffer.from(depacketiseVp8(payloads).data);
    case 'VP9':
      return Buffer.from(depacketiseVp9(payloads).data);
  }
}

/** Null for what is no frame of that codec: of a source that changes it with each picture the last packets of one may come as the next. */
function framed(codec: RtpCodec, frame: SeenFrame): Buffer | null {
  try {
    return bytesOf(codec, frame);
  } catch (error) {
    if (error instanceof AssertionError) return null;
    throw error;
  }
}

/** Those of the frames of which a picture came out. */
export async function decodeSeen(codec: RtpCodec, frames: readonly SeenFrame[]): Promise<readonly SeenFrame[]> {
  const { lib } = await loadNativeAv(noGuard);
  return inNative(noGuard, () => {
    const context = new lib.CodecContext();
    const packet = new lib.Packet();
    const frame = new lib.Frame();
    const shown = new Set<number>();
    context.allocContext3(lib.Codec.findDecoder(ids[codec]));
    context.threadCount = 1;
    mustSucceed('opening a decoder', context.open2Sync(lib.Codec.findDecoder(ids[codec]), null));
    packet.alloc();
    frame.alloc();
    const drain = (): void => {
      while (context.receiveFrameSync(frame) >= 0) {
        shown.add(Number(frame.pts));
        frame.unref();
      }
    };
    for (const [n, seen] of frames.entries()) {
      const data = framed(codec, seen);
      if (data === null) continue;
      packet.data = data;
      packet.pts = BigInt(n);
      context.sendPacketSync(packet);
      packet.unref();
      drain();
    }
    context.sendPacketSync(null);
    drain();
    for (const owner of [packet, frame]) owner.free();
    context.freeContext();
    return frames.filter((_, n) => shown.has(n));
  });
}
