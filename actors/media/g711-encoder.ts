import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_CHANNEL_LAYOUT_STEREO,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_S16,
  FF_ENCODER_PCM_ALAW,
  FF_ENCODER_PCM_MULAW,
} from 'node-av/constants';
import { openAudioCodec } from './audio-codec.js';
import { type AudioEncoder, packetSamples } from './audio-encoder.js';
import { mustSucceed, type NativeAv } from './native.js';
import { outputChannels, outputRateHz } from './resampler.js';

const rateHz = 8000;
const sentSamples = (packetSamples * rateHz) / outputRateHz;
const sampleBytes = 2;

/** G.711 of either law (RFC 3551 4.5.14): one channel of 8 kHz, a byte a sample; call it inside `inNative` only. */
export function createG711Encoder(av: NativeAv, law: 'PCMA' | 'PCMU'): AudioEncoder {
  const encoder = openAudioCodec(av, law === 'PCMA' ? FF_ENCODER_PCM_ALAW : FF_ENCODER_PCM_MULAW, {
    rateHz,
    frameSamples: sentSamples,
    sampleFormat: AV_SAMPLE_FMT_S16,
    channelLayout: AV_CHANNEL_LAYOUT_MONO,
    configure: () => {},
  });
  try {
    const { lookaheadSamples, shrink, close } = openShrinker(av);
    return {
      frameSamples: packetSamples,
      lookaheadSamples,
      encode: (pcm) => encoder.encode([shrink(pcm)]),
      close() {
        close();
        encoder.close();
      },
    };
  } catch (error) {
    encoder.close();
    throw error;
  }
}

/**
 * 20 ms of 48 kHz stereo to as much of 8 kHz with one channel. The filter that takes out what 8 kHz cannot carry looks ahead;
 * it is filled with silence first, and then gives as much as it takes.
 */
function openShrinker({ lib }: NativeAv) {
  const resampler = new lib.SoftwareResampleContext();
  const shrink = (pcm: Float32Array): Buffer => {
    const bytes = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    const output = Buffer.alloc(sentSamples * sampleBytes);
    mustSucceed('resampling for G.711', resampler.convertSync([output], sentSamples, [bytes], packetSamples));
    return output;
  };
  const close = (): void => resampler.free();
  try {
    const opened = resampler.allocSetOpts2(
      AV_CHANNEL_LAYOUT_MONO,
      AV_SAMPLE_FMT_S16,
      rateHz,
      AV_CHANNEL_LAYOUT_STEREO,
      AV_SAMPLE_FMT_FLT,
      outputRateHz,
    );
    mustSucceed('setting up the resampler of G.711', opened);
    // The sum of both sides cannot clip.
    mustSucceed('mixing down without clipping', resampler.setOption('rematrix_maxval', '1'));
    mustSucceed('opening the resampler of G.711', resampler.init());
    shrink(new Float32Array(packetSamples * outputChannels));
  } catch (error) {
    close();
    throw error;
  }
  return { lookaheadSamples: Number(resampler.getDelay(BigInt(outputRateHz))), shrink, close };
}
