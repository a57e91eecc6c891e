import { AV_CHANNEL_LAYOUT_STEREO, AV_SAMPLE_FMT_FLT, FF_ENCODER_LIBOPUS } from 'node-av/constants';
import { openAudioCodec } from './audio-codec.js';
import type { AudioEncoder } from './audio-encoder.js';
import { mustSucceed, type NativeAv } from './native.js';
import { outputRateHz } from './resampler.js';

/**
 * Opus by libopus; call it inside `inNative` only. Its look-ahead is the pre-skip of RFC 7845 4.2: 312.
 *
 * VBR, application "audio" (the delay of 6.5 ms is worth the quality for music), complexity 5 (docs/media.md 2 measured
 * it: some 115 streams a core). No in-band FEC: it exists only in Opus's speech layers, into which it would press
 * music at these bitrates, and a lost packet is repaired by NACK.
 */
export function createOpusEncoder(av: NativeAv, bitrateKbps: number, frameMs: number): AudioEncoder {
  const frameSamples = (frameMs * outputRateHz) / 1000;
  const { extraData, encode, close } = openAudioCodec(av, FF_ENCODER_LIBOPUS, {
    rateHz: outputRateHz,
    frameSamples,
    sampleFormat: AV_SAMPLE_FMT_FLT,
    channelLayout: AV_CHANNEL_LAYOUT_STEREO,
    configure(context) {
      context.bitRate = BigInt(bitrateKbps * 1000);
      for (const [name, value] of [
        ['application', 'audio'],
        ['frame_duration', String(frameMs)],
        ['vbr', 'on'],
        ['compression_level', '5'],
        ['fec', '0'],
      ] as const) {
        mustSucceed(`libopus option ${name}`, context.setOption(name, value));
      }
    },
  });
  // The OpusHead that libopus leaves: its pre-skip is at offset 10 (RFC 7845 5.1).
  const lookaheadSamples = extraData.readUInt16LE(10);
  return { frameSamples, lookaheadSamples, encode: (pcm) => encode([pcm]), close };
}
