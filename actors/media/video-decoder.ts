import { AVERROR_EOF, FF_THREAD_SLICE } from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import type { AccessUnit } from '../../src/core/codec/access-unit.js';
import type { VideoConfig } from '../../src/core/codec/video-config.js';
import { averrorAgain, mustSucceed, type NativeAv } from './native.js';
import { refuseTooLarge } from './size-limit.js';
import { videoIds } from './video-ids.js';

/** Access units in, frames in their order of presentation out; call it inside `inNative` only. */
export interface VideoDecoder {
  /** Hands each frame to `take` (the frame is reused: read it at once). False when the unit was refused. */
  decode(unit: AccessUnit, take: (frame: Frame) => void): boolean;
  /** The end: hands on what it still holds. Nothing can be decoded afterwards. */
  flush(take: (frame: Frame) => void): void;
  close(): void;
}

/**
 * `threads`: slice threads; frame threads would hold a frame back each (docs/media.md 3). Frames of more than `maxPixels` are
 * refused, also where only they say so. Error: media.tooLarge where the configuration does.
 */
export function createVideoDecoder(
  av: NativeAv,
  config: VideoConfig,
  threads: number,
  maxPixels: number,
): VideoDecoder {
  refuseTooLarge(config, maxPixels);
  const { lib } = av;
  const codec = lib.Codec.findDecoder(videoIds[config.codec]);
  const context = new lib.CodecContext();
  const packet = new lib.Packet();
  const frame = new lib.Frame();
  const close = (): void => {
    packet.free();
    frame.free();
    context.freeContext();
  };
  try {
    context.allocContext3(codec);
    context.extraData = Buffer.from(config.extraData);
    context.pktTimebase = new lib.Rational(1, 90_000);
    context.threadCount = threads;
    context.threadType = FF_THREAD_SLICE;
    mustSucceed('max_pixels', context.setOption('max_pixels', String(maxPixels)));
    // dav1d else holds back a frame for each thread.
    if (config.codec === 'AV1') mustSucceed('dav1d option', context.setOption('max_frame_delay', '1'));
    mustSucceed(`opening the ${config.codec} decoder`, context.open2Sync(codec, null));
    packet.alloc();
    frame.alloc();
  } catch (error) {
    close();
    throw error;
  }

  /** False when the decoder found fault. */
  const hand = (take: (frame: Frame) => void): boolean => {
    for (;;) {
      const received = context.receiveFrameSync(frame);
      if (received < 0) return received === averrorAgain || received === AVERROR_EOF;
      take(frame);
      frame.unref();
    }
  };

  /** H264 and HEVC go on by themselves, and hold frames back that a flush would lose. */
  const needsFlush = config.codec === 'AV1' || config.codec === 'VP9';
  let isBroken = false;

  return {
    flush(take) {
      context.sendPacketSync(null);
      hand(take);
    },
    decode(unit, take) {
      // An empty packet would mean the end of the stream to FFmpeg.
      if (unit.data.length === 0) return false;
      packet.data = Buffer.from(unit.data.buffer, unit.data.byteOffset, unit.data.length);
      packet.pts = BigInt(Math.round(unit.pts90k));
      packet.isKeyframe = unit.isKeyframe;
      // Once fed with damaged data dav1d refuses all that comes, keyframes too, until it is flushed.
      if (isBroken && needsFlush && unit.isKeyframe) {
        context.flushBuffers();
        isBroken = false;
      }
      const sent = context.sendPacketSync(packet);
      packet.unref();
      const isGood = hand(take) && sent >= 0;
      if (!isGood) isBroken = true;
      return isGood;
    },
    close,
  };
}
