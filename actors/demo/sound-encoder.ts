/** The demo's sound into AAC-LC (FFmpeg's own encoder), one channel. */
import { inNative, mustSucceed, type NativeAv, type NativeGuard } from '../media/native.js';
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
  const { lib, constants } = av;
  const codec = lib.Codec.findEncoderByName(constants.FF_ENCODER_AAC);
  const context = new lib.CodecContext();
  const packet = new lib.Packet();
  const frame = new lib.Frame();
  const close = (): void =>
    inNative(guard, () => {
      frame.free();
      packet.free();
      context.freeContext();
    });
  const open = (): void => {
    context.allocContext3(codec);
    context.sampleRate = soundRateHz;
    context.sampleFormat = constants.AV_SAMPLE_FMT_FLTP;
    context.channelLayout = constants.AV_CHANNEL_LAYOUT_MONO;
    context.bitRate = BigInt(bitrateKbps * 1000);
    context.setFlags(constants.AV_CODEC_FLAG_GLOBAL_HEADER);
    mustSucceed('opening the AAC encoder', context.open2Sync(codec, null));
    packet.alloc();
    frame.alloc();
    frame.format = constants.AV_SAMPLE_FMT_FLTP;
    frame.sampleRate = soundRateHz;
    frame.channelLayout = constants.AV_CHANNEL_LAYOUT_MONO;
    frame.nbSamples = soundFrameSamples;
    mustSucceed('a frame for the AAC encoder', frame.getBuffer(0));
  };
  try {
    inNative(guard, open);
  } catch (error) {
    close();
    throw error;
  }

  let encoded = 0;
  const encode = (pcm: Float32Array): Uint8Array | null => {
    mustSucceed('making a frame writable', frame.makeWritable());
    frame.data?.[0]?.set(new Uint8Array(pcm.buffer, pcm.byteOffset, soundFrameSamples * 4));
    frame.pts = BigInt(encoded * soundFrameSamples);
    encoded += 1;
    mustSucceed('encoding AAC', context.sendFrameSync(frame));
    if (context.receivePacketSync(packet) < 0) return null;
    const bytes = Uint8Array.from(packet.data ?? []);
    packet.unref();
    return bytes;
  };

  return {
    configuration: Uint8Array.from(context.extraData ?? []),
    // FFmpeg's encoder holds one frame back (its initial padding is one frame).
    delaySamples: soundFrameSamples,
    encode: (pcm) => inNative(guard, () => encode(pcm)),
    close,
  };
}
