import {
  AV_CHANNEL_ORDER_UNSPEC,
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_AC3,
  AV_CODEC_ID_ADPCM_SWF,
  AV_CODEC_ID_EAC3,
  AV_CODEC_ID_FLAC,
  AV_CODEC_ID_MP3,
  AV_CODEC_ID_NELLYMOSER,
  AV_CODEC_ID_OPUS,
  AV_CODEC_ID_PCM_ALAW,
  AV_CODEC_ID_PCM_MULAW,
  AV_CODEC_ID_PCM_S16LE,
  AV_CODEC_ID_PCM_U8,
  AV_CODEC_ID_SPEEX,
} from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import { type AudioConfig, setupOf } from '../../src/core/codec/audio-config.js';
import { averrorAgain, mustSucceed, type NativeAv } from './native.js';

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
  const { lib } = av;
  const codec = lib.Codec.findDecoder(codecIdOf(config));
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
    const setup = setupOf(config);
    if (setup !== null) context.extraData = Buffer.from(setup);
    context.sampleRate = config.sampleRateHz;
    // The usual layout of so many channels; the decoder sets another one where the stream says so.
    const order = AV_CHANNEL_ORDER_UNSPEC;
    context.channelLayout = { nbChannels: config.channels, order, mask: 0n };
    context.threadCount = 1;
    mustSucceed(`opening the ${config.codec} decoder`, context.open2Sync(codec, null));
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
      if (received === averrorAgain) return true;
      if (received < 0) return false;
      take(frame);
      frame.unref();
    }
  };
  return { decode, close };
}

function codecIdOf(config: AudioConfig) {
  if (config.codec === 'PCM') {
    return config.bitsPerSample === 8 ? AV_CODEC_ID_PCM_U8 : AV_CODEC_ID_PCM_S16LE;
  }
  return {
    AAC: AV_CODEC_ID_AAC,
    Opus: AV_CODEC_ID_OPUS,
    FLAC: AV_CODEC_ID_FLAC,
    MP3: AV_CODEC_ID_MP3,
    'AC-3': AV_CODEC_ID_AC3,
    'E-AC-3': AV_CODEC_ID_EAC3,
    Speex: AV_CODEC_ID_SPEEX,
    PCMA: AV_CODEC_ID_PCM_ALAW,
    PCMU: AV_CODEC_ID_PCM_MULAW,
    Nellymoser: AV_CODEC_ID_NELLYMOSER,
    ADPCM: AV_CODEC_ID_ADPCM_SWF,
  }[config.codec];
}
