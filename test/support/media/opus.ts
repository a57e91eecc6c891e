import { AV_CHANNEL_LAYOUT_STEREO, AV_SAMPLE_FMT_FLT, FF_DECODER_LIBOPUS } from 'node-av/constants';
import { loadNativeAv } from '../../../actors/media/native.js';

/** Opus packets of 48 kHz stereo to one channel's samples, the left one's unless told otherwise, by FFmpeg's libopus decoder. */
export async function decodeOpus(packets: readonly Uint8Array[], channel: 0 | 1 = 0): Promise<Float32Array> {
  const { lib } = await loadNativeAv({ enter: () => {}, leave: () => {} });
  const codec = lib.Codec.findDecoderByName(FF_DECODER_LIBOPUS);
  const context = new lib.CodecContext();
  const packet = new lib.Packet();
  const frame = new lib.Frame();
  context.allocContext3(codec);
  context.sampleRate = 48_000;
  context.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
  if (context.open2Sync(codec, null) < 0) throw new Error('the Opus decoder does not open');
  packet.alloc();
  frame.alloc();
  // Of 40 ms at most.
  const samples = new Float32Array(packets.length * 1920);
  let count = 0;
  for (const data of packets) {
    packet.data = Buffer.from(data);
    if (context.sendPacketSync(packet) < 0) throw new Error('an Opus packet does not decode');
    packet.unref();
    while (context.receiveFrameSync(frame) >= 0) {
      const plane = frame.data?.[0] ?? Buffer.alloc(0);
      const isFloat = frame.format === AV_SAMPLE_FMT_FLT;
      for (let n = 0; n < frame.nbSamples; n += 1, count += 1) {
        samples[count] = isFloat
          ? plane.readFloatLE(n * 8 + channel * 4)
          : plane.readInt16LE(n * 4 + channel * 2) / 32_768;
      }
      frame.unref();
    }
  }
  packet.free();
  frame.free();
  context.freeContext();
  return samples.subarray(0, count);
}

/** Amplitude of one frequency in samples of 48 kHz (Goertzel): 1 for a sine of full scale. */
export function toneLevel(samples: Float32Array, frequencyHz: number): number {
  const turn = (2 * Math.PI * frequencyHz) / 48_000;
  let last = 0;
  let before = 0;
  for (const sample of samples) [last, before] = [sample + 2 * Math.cos(turn) * last - before, last];
  const power = last * last + before * before - 2 * Math.cos(turn) * last * before;
  return (2 * Math.sqrt(Math.max(0, power))) / samples.length;
}
