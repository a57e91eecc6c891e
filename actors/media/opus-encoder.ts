import { mustSucceed, type NativeAv } from './native.js';
import { outputChannels, outputRateHz } from './resampler.js';

/** 20 ms at 48 kHz: the frame that WebRTC players expect (RFC 7587 section 4.2). */
export const opusFrameSamples = 960;

/**
 * Whole frames of 48 kHz stereo in, Opus packets out (libopus); call it inside `inNative` only.
 *
 * VBR, application "audio" (the delay of 6.5 ms is worth the quality for music), complexity 5 (MEDIA.md 2 measured
 * it: some 115 streams a core). No in-band FEC: it exists only in Opus's speech layers, into which it would press
 * music at these bitrates, and a lost packet is repaired by NACK.
 */
export interface OpusEncoder {
  /** Samples by which the encoder's output lies behind its input (the pre-skip of RFC 7845 section 4.2): 312. */
  readonly lookaheadSamples: number;
  /** `pcm`: 960 samples of two interleaved channels. */
  encode(pcm: Float32Array): Uint8Array;
  close(): void;
}

export function createOpusEncoder(av: NativeAv, bitrateKbps: number): OpusEncoder {
  const { lib, constants } = av;
  const codec = lib.Codec.findEncoderByName(constants.FF_ENCODER_LIBOPUS);
  const context = new lib.CodecContext();
  const frame = new lib.Frame();
  const packet = new lib.Packet();
  const close = (): void => {
    packet.free();
    frame.free();
    context.freeContext();
  };
  let encoded = 0;
  try {
    context.allocContext3(codec);
    context.sampleRate = outputRateHz;
    context.sampleFormat = constants.AV_SAMPLE_FMT_FLT;
    context.channelLayout = constants.AV_CHANNEL_LAYOUT_STEREO;
    context.bitRate = BigInt(bitrateKbps * 1000);
    for (const [name, value] of [
      ['application', 'audio'],
      ['frame_duration', '20'],
      ['vbr', 'on'],
      ['compression_level', '5'],
      ['fec', '0'],
    ] as const) {
      mustSucceed(`libopus option ${name}`, context.setOption(name, value));
    }
    mustSucceed('opening libopus', context.open2Sync(codec, null));
    packet.alloc();
    frame.alloc();
    frame.format = constants.AV_SAMPLE_FMT_FLT;
    frame.sampleRate = outputRateHz;
    frame.channelLayout = constants.AV_CHANNEL_LAYOUT_STEREO;
    frame.nbSamples = opusFrameSamples;
    mustSucceed('a frame for libopus', frame.getBuffer(0));
  } catch (error) {
    close();
    throw error;
  }

  const encode = (pcm: Float32Array): Uint8Array => {
    mustSucceed('making a frame writable', frame.makeWritable());
    frame.data?.[0]?.set(new Uint8Array(pcm.buffer, pcm.byteOffset, opusFrameSamples * outputChannels * 4));
    frame.pts = BigInt(encoded * opusFrameSamples);
    encoded += 1;
    mustSucceed('encoding Opus', context.sendFrameSync(frame));
    mustSucceed('receiving Opus', context.receivePacketSync(packet));
    const bytes = Uint8Array.from(packet.data ?? []);
    packet.unref();
    return bytes;
  };
  // The OpusHead that libopus leaves as extra data: its pre-skip is at offset 10 (RFC 7845 section 5.1).
  return { lookaheadSamples: context.extraData?.readUInt16LE(10) ?? 0, encode, close };
}
