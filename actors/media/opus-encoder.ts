import { mustSucceed, type NativeAv } from './native.js';
import { outputChannels, outputRateHz } from './resampler.js';
import { frameSamples, type SoundEncoder } from './sound-encoder.js';

/**
 * Opus by libopus; call it inside `inNative` only. Its look-ahead is the pre-skip of RFC 7845 section 4.2: 312.
 *
 * VBR, application "audio" (the delay of 6.5 ms is worth the quality for music), complexity 5 (MEDIA.md 2 measured
 * it: some 115 streams a core). No in-band FEC: it exists only in Opus's speech layers, into which it would press
 * music at these bitrates, and a lost packet is repaired by NACK.
 */
export function createOpusEncoder(av: NativeAv, bitrateKbps: number): SoundEncoder {
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
    frame.nbSamples = frameSamples;
    mustSucceed('a frame for libopus', frame.getBuffer(0));
  } catch (error) {
    close();
    throw error;
  }

  const encode = (pcm: Float32Array): Uint8Array => {
    mustSucceed('making a frame writable', frame.makeWritable());
    frame.data?.[0]?.set(new Uint8Array(pcm.buffer, pcm.byteOffset, frameSamples * outputChannels * 4));
    frame.pts = BigInt(encoded * frameSamples);
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
