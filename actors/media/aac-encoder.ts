import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_SAMPLE_FMT_FLTP,
  FF_ENCODER_AAC,
} from 'node-av/constants';
import { openAudioCodec } from './audio-codec.js';
import type { AudioEncoder } from './audio-encoder.js';
import { mustSucceed, type NativeAv } from './native.js';
import { outputRateHz } from './resampler.js';

/** Of AAC-LC (ISO/IEC 14496-3 section 4.5.1.1). */
const frameSamples = 1024;
/** A frame that the encoder looks at ahead, and the one before the first that every decoder must have (its pts is -1024). */
const lookaheadSamples = 2 * frameSamples;

/** AAC-LC of 48 kHz stereo by FFmpeg's own encoder, for containers; call it inside `inNative` only. */
export function createAacEncoder(av: NativeAv, bitrateKbps: number): AudioEncoder {
  const { encode, close } = openAudioCodec(av, FF_ENCODER_AAC, {
    rateHz: outputRateHz,
    frameSamples,
    sampleFormat: AV_SAMPLE_FMT_FLTP,
    channelLayout: AV_CHANNEL_LAYOUT_STEREO,
    configure(context) {
      context.bitRate = BigInt(bitrateKbps * 1000);
      context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
      // The other search takes several times as long, and what comes here was telephone sound before.
      mustSucceed('aac_coder', context.setOption('aac_coder', 'fast'));
    },
  });
  const left = new Float32Array(frameSamples);
  const right = new Float32Array(frameSamples);
  return {
    frameSamples,
    lookaheadSamples,
    encode(pcm) {
      for (let n = 0; n < frameSamples; n += 1) {
        left[n] = pcm[2 * n] ?? 0;
        right[n] = pcm[2 * n + 1] ?? 0;
      }
      return encode([left, right]);
    },
    close,
  };
}
