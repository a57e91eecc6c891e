/** What FFmpeg's encoders of audio have in common. */
import type { AVSampleFormat, FFEncoderCodec } from 'node-av/constants';
import type { ChannelLayout, CodecContext } from 'node-av/lib';
import { mustSucceed, type NativeAv } from './native.js';

export interface AudioCodecOptions {
  readonly rateHz: number;
  readonly sampleFormat: AVSampleFormat;
  readonly channelLayout: ChannelLayout;
  /** Of each channel. */
  readonly frameSamples: number;
  /** Sets what is the encoder's own, before it is opened. */
  readonly configure: (context: CodecContext) => void;
}

export interface AudioCodec {
  /** What the encoder leaves for decoders to begin with; empty where it leaves nothing. */
  readonly extraData: Buffer;
  /**
   * `planes`: the samples of one frame, as they lie in memory. `firstSample`: the number of the first of them, in a count that only
   * grows; without it they follow the last ones. Gives a packet; null while the encoder fills its look-ahead.
   */
  encode(planes: readonly (Float32Array | Buffer)[], firstSample?: number): Uint8Array | null;
  /** Number of the sample with which decoded audio of the last packet begins: the encoder knows what it holds back. */
  readonly packetStart: number;
  close(): void;
}

/** Call it, and what it gives, inside `inNative` only. */
export function openAudioCodec({ lib }: NativeAv, name: FFEncoderCodec, options: AudioCodecOptions): AudioCodec {
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
    context.timeBase = new lib.Rational(1, rateHz);
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

  let next = 0;
  let packetStart = 0;
  return {
    extraData: context.extraData ?? Buffer.alloc(0),
    encode(planes, firstSample = next) {
      mustSucceed('making a frame writable', frame.makeWritable());
      for (const [n, plane] of planes.entries())
        frame.data?.[n]?.set(new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength));
      frame.pts = BigInt(firstSample);
      next = firstSample + frameSamples;
      mustSucceed(`encoding by ${name}`, context.sendFrameSync(frame));
      if (context.receivePacketSync(packet) < 0) return null;
      const bytes = Uint8Array.from(packet.data ?? []);
      packetStart = Number(packet.pts);
      packet.unref();
      return bytes;
    },
    get packetStart() {
      return packetStart;
    },
    close,
  };
}
