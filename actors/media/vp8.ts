/** libvpx's VP8 for live pictures: real time, no look-ahead, no hidden pictures; call it inside `inNative` only. */
import type { NativeAv } from './native.js';
import { bufferSeconds, openPictureCodec, type PictureEncoder, type PictureOptions } from './picture-codec.js';

/** A lower bitrate by so much does not wait for a key picture. */
const urgentShare = 0.7;

/**
 * FFmpeg gives libvpx its bitrate once and for all: another one takes a new encoder, whose first picture is a key picture.
 * So it takes effect with the next key picture, and at once only where it is much lower.
 */
export function openVp8(av: NativeAv, options: PictureOptions): PictureEncoder {
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
      const picture = codec.encode(frame, forceKey);
      if (picture !== null) sinceKey = picture.keyFrame ? 0 : sinceKey + 1;
      return picture;
    },
    setBitrate(kbps) {
      wantedKbps = kbps;
    },
    close: () => codec.close(),
  };
}

function openAt(av: NativeAv, options: PictureOptions, bitrateKbps: number) {
  const settings = { ...options, bitrateKbps, globalHeader: false };
  return openPictureCodec(av, av.constants.FF_ENCODER_LIBVPX_VP8, settings, [
    ['deadline', 'realtime'],
    ['cpu-used', '8'],
    ['lag-in-frames', '0'],
    ['auto-alt-ref', '0'],
    // A lost picture must not spoil the probabilities of those behind it.
    ['error-resilient', 'default'],
    // Constant bitrate: the least is the most.
    ['minrate', String(bitrateKbps * 1000)],
    ['max-intra-rate', String(Math.round(bufferSeconds * options.fps * 100))],
  ]);
}
