import type { NativeAv } from './native.js';
import { mustSucceed } from './native.js';
import { outputChannels, outputRateHz } from './resampler.js';
import { frameSamples, type SoundEncoder } from './sound-encoder.js';

const rateHz = 8000;
/** Samples of 48 kHz to one of 8 kHz. */
const tick48k = outputRateHz / rateHz;
const packetSamples = frameSamples / tick48k;
const sampleBytes = 2;

/**
 * G.711 of either law (RFC 3551 section 4.5.14): one channel of 8 kHz, a byte a sample; call it inside `inNative` only. Its
 * look-ahead is that of the filter which takes out what 8 kHz cannot carry, so the filter is filled with silence first and
 * then gives as much as it takes.
 */
export function createG711Encoder({ lib, constants }: NativeAv, law: 'PCMA' | 'PCMU'): SoundEncoder {
  const id = law === 'PCMA' ? constants.AV_CODEC_ID_PCM_ALAW : constants.AV_CODEC_ID_PCM_MULAW;
  const codec = lib.Codec.findEncoder(id);
  const context = new lib.CodecContext();
  const resampler = new lib.SoftwareResampleContext();
  const frame = new lib.Frame();
  const packet = new lib.Packet();
  const close = (): void => {
    packet.free();
    frame.free();
    resampler.free();
    context.freeContext();
  };

  const openEncoder = (): void => {
    context.allocContext3(codec);
    context.sampleRate = rateHz;
    context.sampleFormat = constants.AV_SAMPLE_FMT_S16;
    context.channelLayout = constants.AV_CHANNEL_LAYOUT_MONO;
    mustSucceed(`opening the encoder of ${law}`, context.open2Sync(codec, null));
    packet.alloc();
    frame.alloc();
    frame.format = constants.AV_SAMPLE_FMT_S16;
    frame.sampleRate = rateHz;
    frame.channelLayout = constants.AV_CHANNEL_LAYOUT_MONO;
    frame.nbSamples = packetSamples;
    mustSucceed(`a frame for ${law}`, frame.getBuffer(0));
  };

  const openResampler = (): void => {
    const { AV_CHANNEL_LAYOUT_MONO: mono, AV_CHANNEL_LAYOUT_STEREO: stereo } = constants;
    const { AV_SAMPLE_FMT_S16: whole, AV_SAMPLE_FMT_FLT: float } = constants;
    const opened = resampler.allocSetOpts2(mono, whole, rateHz, stereo, float, outputRateHz);
    mustSucceed(`setting up the resampler of ${law}`, opened);
    // The sum of both sides cannot clip.
    mustSucceed('mixing down without clipping', resampler.setOption('rematrix_maxval', '1'));
    mustSucceed(`opening the resampler of ${law}`, resampler.init());
  };

  const shrink = (pcm: Float32Array): Buffer => {
    const bytes = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    const output = Buffer.alloc(packetSamples * sampleBytes);
    const given = resampler.convertSync([output], packetSamples, [bytes], frameSamples);
    mustSucceed(`resampling to ${law}`, given);
    return output;
  };

  let lookaheadSamples = 0;
  try {
    openEncoder();
    openResampler();
    shrink(new Float32Array(frameSamples * outputChannels));
    lookaheadSamples = Number(resampler.getDelay(BigInt(outputRateHz)));
  } catch (error) {
    close();
    throw error;
  }

  const encode = (pcm: Float32Array): Uint8Array => {
    mustSucceed('making a frame writable', frame.makeWritable());
    frame.data?.[0]?.set(shrink(pcm));
    mustSucceed(`encoding ${law}`, context.sendFrameSync(frame));
    mustSucceed(`receiving ${law}`, context.receivePacketSync(packet));
    const bytes = Uint8Array.from(packet.data ?? []);
    packet.unref();
    return bytes;
  };
  return { lookaheadSamples, encode, close };
}
