/**
 * Frames of any codec in, Opus packets of 20 ms out, on the source's time-line (MEDIA.md 2 and 9). About 0.2 ms a frame,
 * so it runs in the stream's own thread.
 */
import type { AudioConfig } from '../../src/core/codec/audio-config.js';
import type { OpusPacket } from '../../src/core/codec/opus-packet.js';
import { initialOpusClock, stepOpusClock } from '../../src/core/timeline/opus-clock.js';
import type { SoundCounts } from '../../src/core/timeline/opus-pass.js';
import type { LogFields, LogLevel } from '../contract.js';
import { createAudioDecoder } from './audio-decoder.js';
import { inNative, loadNativeAv, type NativeAv, type NativeGuard } from './native.js';
import { createOpusEncoder, type OpusEncoder } from './opus-encoder.js';
import { createOpusTrack } from './opus-track.js';
import { createResampler } from './resampler.js';

export interface OpusTranscoderOptions {
  readonly config: AudioConfig;
  readonly bitrateKbps: number;
  readonly guard: NativeGuard;
  readonly log: (level: LogLevel, event: string, fields: LogFields) => void;
  /** Packets begin no earlier than here: `next48k` of the transcoder that this one replaces. */
  readonly notBefore48k?: number | null;
}

export interface OpusTranscoder {
  /** `mediaMs`: continuous media time of the access unit. The packets that it completes: none, one or more. */
  push(frame: { readonly mediaMs: number; readonly data: Uint8Array }): OpusPacket[];
  /** Silence of their length stands in for frames that did not decode. */
  readonly counts: Readonly<SoundCounts>;
  /** RTP time of the packet that comes next; null before the first sound. */
  readonly next48k: number | null;
  /** Frees everything native; `push` then gives nothing. */
  close(): void;
}

/** Errors: media.unavailable without node-av's binary; internal when the decoder refuses the configuration. */
export async function createOpusTranscoder(options: OpusTranscoderOptions): Promise<OpusTranscoder> {
  const av = await loadNativeAv(options.guard);
  return inNative(options.guard, () => {
    const encoder = createOpusEncoder(av, options.bitrateKbps);
    try {
      return assemble(av, encoder, options);
    } catch (error) {
      encoder.close();
      throw error;
    }
  });
}

function assemble(av: NativeAv, encoder: OpusEncoder, options: OpusTranscoderOptions): OpusTranscoder {
  const { guard, log } = options;
  const decoder = createAudioDecoder(av, options.config);
  const resampler = createResampler(av);
  const track = createOpusTrack(encoder);
  const earliest48k = (options.notBefore48k ?? Number.NEGATIVE_INFINITY) + encoder.lookaheadSamples;
  const counts: SoundCounts = { decodeErrors: 0, jumps: 0, dropped: 0 };
  let clock = initialOpusClock();
  let closed = false;

  const conceal = (mediaMs: number, sizeBytes: number, isKept: boolean): void => {
    counts.decodeErrors += 1;
    if (counts.decodeErrors === 1) log('warn', 'audio.corrupt', { mediaMs: Math.round(mediaMs), sizeBytes });
    const silence = resampler.silence();
    // Before the first sound nobody knows how long a frame is: the first good one begins the track.
    if (silence.length === 0) track.forget();
    if (isKept) track.append(silence);
  };

  const transcode = (mediaMs: number, data: Uint8Array): void => {
    if (track.end48k === null) track.moveTo(Math.max(Math.round(mediaMs * 48), earliest48k));
    const step = stepOpusClock(clock, mediaMs, (track.end48k ?? 0) + resampler.heldSamples());
    clock = step.state;
    const { action } = step;
    const isKept = action.kind !== 'drop';
    if (!isKept) counts.dropped += 1;
    if (action.kind === 'correct') resampler.correct(action.samples, action.overSamples);
    if (action.kind === 'jump') {
      counts.jumps += 1;
      log('info', 'audio.hole', { mediaMs: Math.round(mediaMs), holeMs: Math.round(action.samples / 48) });
      track.moveTo(Math.round(mediaMs * 48) - resampler.heldSamples());
    }
    const isIntact = decoder.decode(data, (frame) => {
      const pcm = resampler.convert(frame);
      if (isKept) track.append(pcm);
    });
    if (!isIntact) conceal(mediaMs, data.length, isKept);
  };

  return {
    counts,
    push: ({ mediaMs, data }) => {
      if (closed) return [];
      inNative(guard, () => transcode(mediaMs, data));
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
