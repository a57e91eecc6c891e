import type { Frame } from 'node-av/lib';
import { mustSucceed, type NativeAv } from './native.js';

/** What the decoder is opened with. Rate and channels are the source's word; the decoded frames have the last one. */
export interface AudioConfig {
  readonly codec: 'AAC';
  /** AudioSpecificConfig, ISO/IEC 14496-3 section 1.6.2.1, as the FLV sequence header carries it. */
  readonly audioSpecificConfig: Uint8Array;
  readonly sampleRateHz: number;
  readonly channels: number;
}

/** Access units in, decoded frames out; call it inside `inNative` only. */
export interface AudioDecoder {
  /**
   * Hands each decoded frame to `take` (the frame is reused: read it at once). False when the access unit was
   * corrupt: FFmpeg's decoder goes on with the next one.
   */
  decode(accessUnit: Uint8Array, take: (frame: Frame) => void): boolean;
  close(): void;
}

export function createAudioDecoder(av: NativeAv, config: AudioConfig): AudioDecoder {
  const { lib, constants } = av;
  const codec = lib.Codec.findDecoder(constants.AV_CODEC_ID_AAC);
  const context = new lib.CodecContext();
  const packet = new lib.Packet();
  const frame = new lib.Frame();
  context.allocContext3(codec);
  const close = (): void => {
    packet.free();
    frame.free();
    context.freeContext();
  };
  try {
    context.extraData = Buffer.from(config.audioSpecificConfig);
    context.sampleRate = config.sampleRateHz;
    context.threadCount = 1;
    mustSucceed('opening the AAC decoder', context.open2Sync(codec, null));
    packet.alloc();
    frame.alloc();
  } catch (error) {
    close();
    throw error;
  }

  const decode = (accessUnit: Uint8Array, take: (frame: Frame) => void): boolean => {
    // An empty packet would mean the end of the stream to FFmpeg.
    if (accessUnit.length === 0) return false;
    packet.data = Buffer.from(accessUnit.buffer, accessUnit.byteOffset, accessUnit.length);
    const sent = context.sendPacketSync(packet);
    packet.unref();
    if (sent < 0) return false;
    for (;;) {
      const received = context.receiveFrameSync(frame);
      if (received === constants.AVERROR_EAGAIN) return true;
      if (received < 0) return false;
      take(frame);
      frame.unref();
    }
  };
  return { decode, close };
}
