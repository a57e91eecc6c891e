/** What FFmpeg's encoders of sound have in common. */
import type { AVSampleFormat, FFEncoderCodec } from 'node-av/constants';
import type { ChannelLayout, CodecContext } from 'node-av/lib';
import { mustSucceed, type NativeAv } from './native.js';

export interface SoundCodecOptions {
  readonly rateHz: number;
  /** One that has its samples in one plane, or one channel. */
  readonly sampleFormat: AVSampleFormat;
  readonly channelLayout: ChannelLayout;
  /** Of each channel. */
  readonly frameSamples: number;
  /** Sets what is the encoder's own, before it is opened. */
  readonly configure: (context: CodecContext) => void;
}

export interface SoundCodec {
  /** What the encoder leaves for decoders to begin with; empty where it leaves nothing. */
  readonly extraData: Buffer;
  /** The samples of one frame, as they lie in memory. Null while the encoder fills its look-ahead. */
  encode(samples: Float32Array | Buffer): Uint8Array | null;
  close(): void;
}

/** Call it, and what it gives, inside `inNative` only. */
export function openSoundCodec({ lib }: NativeAv, name: FFEncoderCodec, options: SoundCodecOptions): SoundCodec {
  const { rateHz, sampleFormat, channelLayout, frameSamples, configure } = options;
  const context = new lib.CodecContext();
  const frame = new lib.Frame();
  const packet = new lib.Packet();
  const close = (): void => {
    packet.free();
    frame.free();
    context.freeContext();
  };
  try {
    const codec = lib.Codec.findEncoderByName(name);
    context.allocContext3(codec);
    context.sampleRate = rateHz;
    context.sampleFormat = sampleFormat;
    context.channelLayout = channelLayout;
    configure(context);
    mustSucceed(`opening ${name}`, context.open2Sync(codec, null));
    packet.alloc();
    frame.alloc();
    frame.format = sampleFormat;
    frame.sampleRate = rateHz;
    frame.channelLayout = channelLayout;
    frame.nbSamples = frameSamples;
    mustSucceed(`a frame for ${name}`, frame.getBuffer(0));
  } catch (error) {
    close();
    throw error;
  }

  let encoded = 0;
  return {
    extraData: context.extraData ?? Buffer.alloc(0),
    encode(samples) {
      mustSucceed('making a frame writable', frame.makeWritable());
      frame.data?.[0]?.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
      frame.pts = BigInt(encoded * frameSamples);
      encoded += 1;
      mustSucceed(`encoding by ${name}`, context.sendFrameSync(frame));
      if (context.receivePacketSync(packet) < 0) return null;
      const bytes = Uint8Array.from(packet.data ?? []);
      packet.unref();
      return bytes;
    },
    close,
  };
}
