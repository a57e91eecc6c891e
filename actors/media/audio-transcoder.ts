/**
 * Frames of any codec in, packets of another encoding out (of those for viewers 20 ms, of Opus maybe 40), on the source's timeline
 * (docs/media.md 2 and 9). About 0.2 ms a frame, so it runs in the stream's own thread.
 */
import type { AudioConfig } from '../../src/core/codec/audio-config.js';
import type { AudioTarget } from '../../src/core/codec/audio-encoding.js';
import type { AudioCounts, AudioPacket } from '../../src/core/timeline/audio-packet.js';
import { createUnitLength } from '../../src/core/timeline/unit-length.js';
import type { Logger } from '../../src/log-line.js';
import { createAacEncoder } from './aac-encoder.js';
import { createAudioAlignment } from './audio-alignment.js';
import type { AudioEncoder } from './audio-encoder.js';
import { createAudioTrack } from './audio-track.js';
import { createConcealment } from './concealment.js';
import { createG711Encoder } from './g711-encoder.js';
import { inNative, type NativeAv, type NativeGuard } from './native.js';
import { createOpusEncoder } from './opus-encoder.js';
import { createResampler, outputChannels } from './resampler.js';
import { createSteadyDecoder } from './steady-decoder.js';

export interface AudioTranscoderOptions {
  readonly config: AudioConfig;
  readonly encoding: AudioTarget;
  /** Of Opus and AAC: the rate of G.711 is what it is. */
  readonly bitrateKbps: number;
  /** What a packet of Opus holds; 20 without it. */
  readonly opusFrameMs?: number | undefined;
  readonly guard: NativeGuard;
  readonly log: Logger;
  /** Packets begin no earlier than here: `next48k` of the transcoder that this one replaces. */
  readonly notBefore48k?: number | null;
}

export interface AudioTranscoder {
  /**
   * `mediaMs`: continuous media time of the access unit; null: it has none, and begins where the last one ended. The packets
   * that it completes: none, one or more.
   */
  push(frame: { readonly mediaMs: number | null; readonly data: Uint8Array }): AudioPacket[];
  /** Frames that did not decode to any audio are concealed in their length. */
  readonly counts: Readonly<AudioCounts>;
  /** RTP time of the packet that comes next; null before the first audio. */
  readonly next48k: number | null;
  /** Frees everything native; `push` then gives nothing. */
  close(): void;
}

/** Of what is encoded. */
const samplesPerMs = 48;

/** Error: internal when the decoder refuses the configuration. */
export function createAudioTranscoder(av: NativeAv, options: AudioTranscoderOptions): AudioTranscoder {
  return inNative(options.guard, () => {
    const encoder = createEncoder(av, options);
    try {
      return openTranscoder(av, encoder, options);
    } catch (error) {
      encoder.close();
      throw error;
    }
  });
}

type EncoderOptions = Pick<AudioTranscoderOptions, 'encoding' | 'bitrateKbps' | 'opusFrameMs'>;

function createEncoder(av: NativeAv, { encoding, bitrateKbps, opusFrameMs = 20 }: EncoderOptions): AudioEncoder {
  if (encoding === 'AAC') return createAacEncoder(av, bitrateKbps);
  return encoding === 'Opus' ? createOpusEncoder(av, bitrateKbps, opusFrameMs) : createG711Encoder(av, encoding);
}

function openTranscoder(av: NativeAv, encoder: AudioEncoder, options: AudioTranscoderOptions): AudioTranscoder {
  const { guard, log } = options;
  const decoder = createSteadyDecoder(av, options.config);
  const resampler = createResampler(av);
  const concealment = createConcealment();
  const track = createAudioTrack(encoder);
  const unitLength = createUnitLength();
  const counts: AudioCounts = { decodeErrors: 0, jumps: 0, dropped: 0 };
  const align = createAudioAlignment({
    track,
    resampler,
    concealment,
    earliest48k: (options.notBefore48k ?? Number.NEGATIVE_INFINITY) + encoder.lookaheadSamples,
    onJump: () => (counts.jumps += 1),
    log,
  });
  let closed = false;
  /** Where the last frame ends by its stamp and its length. */
  let endMs: number | null = null;

  /** Gives its length in samples. */
  const conceal = (leftOut: number): number => {
    const missing = resampler.silence();
    // Before the first audio nobody knows how long a frame is: the first good one begins the track.
    if (missing.length === 0) track.forget();
    concealment.fill(missing);
    track.append(missing.subarray(leftOut * outputChannels));
    return missing.length / outputChannels;
  };

  const transcode = (mediaMs: number, data: Uint8Array): void => {
    const leftOut = align(mediaMs);
    if (leftOut > 0) counts.dropped += 1;
    const frames: Float32Array[] = [];
    const isIntact = decoder.decode(mediaMs, data, (frame) => frames.push(resampler.convert(frame).slice()));
    const pcm = joined(frames);
    const kept = pcm.subarray(0, unitLength.keep(pcm.length / outputChannels) * outputChannels);
    let samples = kept.length / outputChannels;
    // What came out of a unit before it turned out to be damaged stands in its place.
    if (frames.length > 0) {
      concealment.heard(kept);
      track.append(kept.subarray(leftOut * outputChannels));
    } else if (!isIntact) samples = conceal(leftOut);
    endMs = mediaMs + samples / samplesPerMs;
    if (isIntact && kept.length === pcm.length) return;
    counts.decodeErrors += 1;
    if (counts.decodeErrors > 1) return;
    log('warn', 'audio.corrupt', { mediaMs: Math.round(mediaMs), sizeBytes: data.length });
  };

  return {
    counts,
    push: ({ mediaMs, data }) => {
      const atMs = mediaMs ?? endMs;
      if (closed || atMs === null) return [];
      inNative(guard, () => transcode(atMs, data));
      return track.takePackets();
    },
    get next48k() {
      return track.next48k;
    },
    close: () => {
      if (closed) return;
      closed = true;
      inNative(guard, () => {
        decoder.close();
        resampler.close();
        encoder.close();
      });
    },
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(0), ...others] = parts;
  if (others.length === 0) return first;
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
