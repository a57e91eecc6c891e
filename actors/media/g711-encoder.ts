import { openAudioCodec } from './audio-codec.js';
import { type AudioEncoder, frameSamples } from './audio-encoder.js';
import { mustSucceed, type NativeAv } from './native.js';
import { outputChannels, outputRateHz } from './resampler.js';

const rateHz = 8000;
const packetSamples = (frameSamples * rateHz) / outputRateHz;
const sampleBytes = 2;

/** G.711 of either law (RFC 3551 section 4.5.14): one channel of 8 kHz, a byte a sample; call it inside `inNative` only. */
export function createG711Encoder(av: NativeAv, law: 'PCMA' | 'PCMU'): AudioEncoder {
  const { constants } = av;
  const encoder = openAudioCodec(av, law === 'PCMA' ? constants.FF_ENCODER_PCM_ALAW : constants.FF_ENCODER_PCM_MULAW, {
    rateHz,
    frameSamples: packetSamples,
    sampleFormat: constants.AV_SAMPLE_FMT_S16,
    channelLayout: constants.AV_CHANNEL_LAYOUT_MONO,
    configure: () => {},
  });
  try {
    const { lookaheadSamples, shrink, close } = openShrinker(av);
    return {
      lookaheadSamples,
      encode: (pcm) => encoder.encode(shrink(pcm)),
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
function openShrinker({ lib, constants }: NativeAv) {
  const resampler = new lib.SoftwareResampleContext();
  const shrink = (pcm: Float32Array): Buffer => {
    const bytes = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    const output = Buffer.alloc(packetSamples * sampleBytes);
    mustSucceed('resampling for G.711', resampler.convertSync([output], packetSamples, [bytes], frameSamples));
    return output;
  };
  const close = (): void => resampler.free();
  try {
    const { AV_CHANNEL_LAYOUT_MONO: mono, AV_CHANNEL_LAYOUT_STEREO: stereo } = constants;
    const { AV_SAMPLE_FMT_S16: whole, AV_SAMPLE_FMT_FLT: float } = constants;
    const opened = resampler.allocSetOpts2(mono, whole, rateHz, stereo, float, outputRateHz);
    mustSucceed('setting up the resampler of G.711', opened);
    // The sum of both sides cannot clip.
    mustSucceed('mixing down without clipping', resampler.setOption('rematrix_maxval', '1'));
    mustSucceed('opening the resampler of G.711', resampler.init());
    shrink(new Float32Array(frameSamples * outputChannels));
  } catch (error) {
    close();
    throw error;
  }
  return { lookaheadSamples: Number(resampler.getDelay(BigInt(outputRateHz))), shrink, close };
}
