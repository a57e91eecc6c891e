/** The demo's sound into AAC-LC (FFmpeg's own encoder), one channel. */
import { inNative, type NativeAv, type NativeGuard } from '../media/native.js';
import { openSoundCodec } from '../media/sound-codec.js';
import { soundFrameSamples } from './schedule.js';
import { soundRateHz } from './sound.js';

const bitrateKbps = 96;

export interface EncodedSound {
  /** Number of the first sample that a decoder makes of it: some frames before those that completed it. */
  readonly firstSample: number;
  readonly data: Uint8Array;
}

export interface SoundEncoder {
  /** AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1). */
  readonly configuration: Uint8Array;
  /** `pcm`: 1,024 samples, the first of them this number. Null while the encoder fills its look-ahead. */
  encode(pcm: Float32Array, firstSample: number): EncodedSound | null;
  close(): void;
}

export function createSoundEncoder(av: NativeAv, guard: NativeGuard): SoundEncoder {
  const { constants } = av;
  const codec = inNative(guard, () =>
    openSoundCodec(av, constants.FF_ENCODER_AAC, {
      rateHz: soundRateHz,
      frameSamples: soundFrameSamples,
      sampleFormat: constants.AV_SAMPLE_FMT_FLTP,
      channelLayout: constants.AV_CHANNEL_LAYOUT_MONO,
      configure(context) {
        context.bitRate = BigInt(bitrateKbps * 1000);
        context.setFlags(constants.AV_CODEC_FLAG_GLOBAL_HEADER);
      },
    }),
  );
  const encode = (pcm: Float32Array, firstSample: number): EncodedSound | null => {
    const data = codec.encode(pcm, firstSample);
    return data === null ? null : { firstSample: codec.packetStart, data };
  };
  return {
    configuration: Uint8Array.from(codec.extraData),
    encode: (pcm, firstSample) => inNative(guard, () => encode(pcm, firstSample)),
    close: () => inNative(guard, codec.close),
  };
}
