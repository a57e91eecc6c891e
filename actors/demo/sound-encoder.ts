/** The demo's sound into AAC-LC (FFmpeg's own encoder), one channel. */
import { inNative, type NativeAv, type NativeGuard } from '../media/native.js';
import { openSoundCodec } from '../media/sound-codec.js';
import { soundFrameSamples } from './schedule.js';
import { soundRateHz } from './sound.js';

const bitrateKbps = 96;

export interface SoundEncoder {
  /** AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1). */
  readonly configuration: Uint8Array;
  /** Samples by which what comes out lies behind what went in. */
  readonly delaySamples: number;
  /** `pcm`: 1,024 samples. Null while the encoder fills its look-ahead. */
  encode(pcm: Float32Array): Uint8Array | null;
  close(): void;
}

export function createSoundEncoder(av: NativeAv, guard: NativeGuard): SoundEncoder {
  const { constants } = av;
  const codec = inNative(guard, () =>
    openSoundCodec(av, constants.FF_ENCODER_AAC, {
      ...{ rateHz: soundRateHz, frameSamples: soundFrameSamples },
      sampleFormat: constants.AV_SAMPLE_FMT_FLTP,
      channelLayout: constants.AV_CHANNEL_LAYOUT_MONO,
      configure(context) {
        context.bitRate = BigInt(bitrateKbps * 1000);
        context.setFlags(constants.AV_CODEC_FLAG_GLOBAL_HEADER);
      },
    }),
  );
  return {
    configuration: Uint8Array.from(codec.extraData),
    // FFmpeg's encoder holds one frame back (its initial padding is one frame).
    delaySamples: soundFrameSamples,
    encode: (pcm) => inNative(guard, () => codec.encode(pcm)),
    close: () => inNative(guard, codec.close),
  };
}
