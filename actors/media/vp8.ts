/** libvpx's VP8 for live frames: real time, no look-ahead, no hidden frames; call it inside `inNative` only. */

import { FF_ENCODER_LIBVPX_VP8 } from 'node-av/constants';
import { bufferSeconds, type FrameEncoder, type FrameEncoderOptions, openEncoderContext } from './encoder-context.js';
import type { NativeAv } from './native.js';

/** A lower bitrate by so much does not wait for a keyframe. */
const urgentShare = 0.7;

/**
 * FFmpeg gives libvpx its bitrate once and for all: another one takes a new encoder, whose first frame is a keyframe.
 * So it takes effect with the next keyframe, and at once only where it is much lower.
 */
export function openVp8(av: NativeAv, options: FrameEncoderOptions): FrameEncoder {
  let bitrateKbps = options.bitrateKbps;
  let wantedKbps = bitrateKbps;
  let codec = openAt(av, options, bitrateKbps);
  let sinceKey = 0;

  return {
    encode(frame, forceKey) {
      const isKeyDue = forceKey || sinceKey + 1 >= options.gopFrames;
      if (wantedKbps < bitrateKbps * urgentShare || (wantedKbps !== bitrateKbps && isKeyDue)) {
        const next = openAt(av, options, wantedKbps);
        codec.close();
        codec = next;
        bitrateKbps = wantedKbps;
      }
      const unit = codec.encode(frame, forceKey);
      if (unit !== null) sinceKey = unit.isKeyframe ? 0 : sinceKey + 1;
      return unit;
    },
    setBitrate(kbps) {
      wantedKbps = kbps;
    },
    close: () => codec.close(),
  };
}

function openAt(av: NativeAv, options: FrameEncoderOptions, bitrateKbps: number) {
  const settings = { ...options, bitrateKbps, globalHeader: false };
  return openEncoderContext(av, FF_ENCODER_LIBVPX_VP8, settings, [
    ['deadline', 'realtime'],
    ['cpu-used', '8'],
    ['lag-in-frames', '0'],
    ['auto-alt-ref', '0'],
    // A lost frame must not spoil the probabilities of those behind it.
    ['error-resilient', 'default'],
    // Constant bitrate: the least is the most.
    ['minrate', String(bitrateKbps * 1000)],
    ['max-intra-rate', String(Math.round(bufferSeconds * options.fps * 100))],
  ]);
}
