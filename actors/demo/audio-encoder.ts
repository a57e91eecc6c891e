/** The demo's audio into AAC-LC (FFmpeg's own encoder), one channel. */

import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_SAMPLE_FMT_FLTP,
  FF_ENCODER_AAC,
} from 'node-av/constants';
import { openAudioCodec } from '../media/audio-codec.js';
import { inNative, type NativeAv, type NativeGuard } from '../media/native.js';
import { audioFrameSamples } from './schedule.js';
import { audioRateHz } from './tone.js';

const bitrateKbps = 96;

export interface EncodedAudio {
  /** Number of the first sample that a decoder makes of it: some frames before those that completed it. */
  readonly firstSample: number;
  readonly data: Uint8Array;
}

export interface AudioEncoder {
  /** AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1). */
  readonly configuration: Uint8Array;
  /** `pcm`: 1,024 samples, the first of them this number. Null while the encoder fills its look-ahead. */
  encode(pcm: Float32Array, firstSample: number): EncodedAudio | null;
  close(): void;
}

export function createAudioEncoder(av: NativeAv, guard: NativeGuard): AudioEncoder {
  const codec = inNative(guard, () =>
    openAudioCodec(av, FF_ENCODER_AAC, {
      rateHz: audioRateHz,
      frameSamples: audioFrameSamples,
      sampleFormat: AV_SAMPLE_FMT_FLTP,
      channelLayout: AV_CHANNEL_LAYOUT_MONO,
      configure(context) {
        context.bitRate = BigInt(bitrateKbps * 1000);
        context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
      },
    }),
  );
  const encode = (pcm: Float32Array, firstSample: number): EncodedAudio | null => {
    const data = codec.encode([pcm], firstSample);
    return data === null ? null : { firstSample: codec.packetStart, data };
  };
  return {
    configuration: Uint8Array.from(codec.extraData),
    encode: (pcm, firstSample) => inNative(guard, () => encode(pcm, firstSample)),
    close: () => inNative(guard, codec.close),
  };
}
