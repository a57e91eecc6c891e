import type { AudioPacket } from '../../src/core/timeline/audio-packet.js';
import type { AudioEncoder } from './audio-encoder.js';
import { outputChannels } from './resampler.js';

/**
 * Cuts audio of 48 kHz into frames, has each encoded, and counts their time; call it inside `inNative` only. The encoder's
 * look-ahead is taken off, so a stream that begins at 0 ms has its first packet at -312.
 */
export interface AudioTrack {
  /** RTP time of the end of the audio taken so far; null before the track has a place in time. */
  readonly end48k: number | null;
  /** RTP time of the next packet; null before the track has a place in time. */
  readonly next48k: number | null;
  append(pcm: Float32Array): void;
  /**
   * What comes next lies at `end48k`, which is later. The frame in hand is given up: it would be sent as late as the hole is
   * long, and a browser delays all audio for the latest packet that it has seen (docs/browsers.md).
   */
  moveTo(end48k: number): void;
  /** As if nothing had been moved to or appended. */
  forget(): void;
  /** The packets completed since the last call. */
  takePackets(): AudioPacket[];
}

export function createAudioTrack(encoder: AudioEncoder): AudioTrack {
  const { frameSamples } = encoder;
  const pcm = new Float32Array(frameSamples * outputChannels);
  let filled = 0;
  let end48k: number | null = null;
  let packets: AudioPacket[] = [];

  const next48k = (): number | null =>
    end48k === null ? null : end48k - filled / outputChannels - encoder.lookaheadSamples;

  const append = (audio: Float32Array): void => {
    for (let taken = 0; taken < audio.length; ) {
      const part = audio.subarray(taken, taken + pcm.length - filled);
      pcm.set(part, filled);
      filled += part.length;
      taken += part.length;
      end48k = (end48k ?? 0) + part.length / outputChannels;
      if (filled < pcm.length) return;
      const data = encoder.encode(pcm);
      if (data !== null) packets.push({ data, ts48k: next48k() ?? 0, samples: frameSamples });
      filled = 0;
    }
  };

  return {
    get end48k() {
      return end48k;
    },
    get next48k() {
      return next48k();
    },
    append,
    moveTo: (later48k) => {
      filled = 0;
      end48k = later48k;
    },
    forget: () => {
      filled = 0;
      end48k = null;
    },
    takePackets: () => {
      const taken = packets;
      packets = [];
      return taken;
    },
  };
}
