/** One form of the audio out of whatever the source sends: its own where it has this form, else by a transcoder. */
import type { AudioConfig } from '../../src/core/codec/audio-config.js';
import type { AudioEncoding } from '../../src/core/codec/audio-encoding.js';
import { decodesAlike } from '../../src/core/flv/audio-source.js';
import type { AudioCounts, AudioPacket } from '../../src/core/timeline/audio-packet.js';
import { createG711Pass } from '../../src/core/timeline/g711-pass.js';
import { createOpusPass } from '../../src/core/timeline/opus-pass.js';
import type { AudioPass } from '../../src/core/timeline/pass-clock.js';
import { readThrown, rowOf } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import { type AudioTranscoder, createAudioTranscoder } from '../media/audio-transcoder.js';
import type { NativeAv, NativeGuard } from '../media/native.js';
import type { ThreadCode } from '../runtime/thread-code.js';
import type { AudioPathStats } from '../stats.js';

export interface AudioOutputOptions {
  readonly encoding: AudioEncoding;
  /** Of Opus. */
  readonly bitrateKbps: number;
  readonly guard: NativeGuard;
  readonly loadAv: ThreadCode['av'];
  readonly log: Logger;
}

export interface AudioOutput {
  /** What follows is of this kind. A decoder that takes it goes on; RTP time goes on in any case. */
  use(config: AudioConfig): void;
  /** Nothing is made but while somebody listens: an idle stream loads no codec and costs no CPU. */
  setWanted(wanted: boolean): void;
  /** Empty data stand for a frame that is lost. */
  push(mediaMs: number, data: Uint8Array): readonly AudioPacket[];
  /** By how much RTP time is ahead of media time, in samples of 48 kHz. */
  readonly skew48k: number;
  readonly stats: AudioPathStats;
  close(): void;
}

/** A transcoder that failed before it made anything is opened anew after this much media time. */
const retryMs = 1000;

const none: Readonly<AudioCounts> = { decodeErrors: 0, jumps: 0, dropped: 0 };

const sum = (one: Readonly<AudioCounts>, other: Readonly<AudioCounts>): Readonly<AudioCounts> => ({
  decodeErrors: one.decodeErrors + other.decodeErrors,
  jumps: one.jumps + other.jumps,
  dropped: one.dropped + other.dropped,
});

/** The source's own packets, where they can be sent as they are; else null. */
function passFor(encoding: AudioEncoding, config: AudioConfig, notBefore48k: number | null): AudioPass | null {
  if (encoding === 'Opus') return config.codec === 'Opus' && config.isPlain ? createOpusPass(notBefore48k) : null;
  return config.codec === encoding && config.channels === 1 ? createG711Pass(notBefore48k) : null;
}

export function createAudioOutput(options: AudioOutputOptions): AudioOutput {
  const { log, encoding } = options;
  let config: AudioConfig | null = null;
  let wanted = false;
  let closed = false;
  let pass: AudioPass | null = null;
  let transcoder: AudioTranscoder | null = null;
  let av: NativeAv | null = null;
  let isLoading = false;
  let failure: { readonly reason: string; readonly retryAtMs: number } | null = null;
  /** The last failure that was logged for this kind of audio. */
  let reported: string | null = null;
  /** The transcoder has made something: what broke it was in the frame. */
  let hasWorked = false;
  /** Media time of the last frame. */
  let reachedMs = Number.NEGATIVE_INFINITY;
  let next48k: number | null = null;
  let past: Readonly<AudioCounts> = none;

  const shut = (): void => {
    for (const made of [pass, transcoder]) {
      if (made === null) continue;
      past = sum(past, made.counts);
      next48k = made.next48k ?? next48k;
    }
    transcoder?.close();
    [pass, transcoder] = [null, null];
  };

  const fail = (error: unknown): void => {
    const code = rowOf(error);
    const detail = readThrown(error).message;
    // Without FFmpeg the stream goes on, without audio (docs/media.md, The design that follows).
    const pauseMs = code === 'media.unavailable' ? Number.POSITIVE_INFINITY : hasWorked ? 0 : retryMs;
    const retryAtMs = reachedMs + pauseMs;
    if (reported !== detail) log('error', 'audio.unavailable', { code, detail });
    reported = detail;
    failure = { reason: detail, retryAtMs };
  };

  const openTranscoder = (loaded: NativeAv, source: AudioConfig): void => {
    const { bitrateKbps, guard } = options;
    try {
      transcoder = createAudioTranscoder(loaded, {
        config: source,
        encoding,
        bitrateKbps,
        guard,
        log: log,
        notBefore48k: next48k,
      });
      failure = null;
      hasWorked = false;
    } catch (error) {
      fail(error);
    }
  };

  const open = (): void => {
    shut();
    if (config === null || closed || !wanted) return;
    pass = passFor(encoding, config, next48k);
    if (pass !== null) return;
    if (av !== null) openTranscoder(av, config);
    else if (!isLoading) load();
  };

  const load = (): void => {
    isLoading = true;
    options.loadAv().then(
      (loaded) => {
        av = loaded;
        isLoading = false;
        if (pass === null) open();
      },
      (error: unknown) => {
        isLoading = false;
        fail(error);
      },
    );
  };

  const transcode = (mediaMs: number, data: Uint8Array): readonly AudioPacket[] => {
    reachedMs = mediaMs;
    if (failure !== null && mediaMs >= failure.retryAtMs) open();
    if (transcoder === null) return [];
    try {
      const packets = transcoder.push({ mediaMs, data });
      hasWorked ||= packets.length > 0;
      return packets;
    } catch (error) {
      fail(error);
      shut();
      return [];
    }
  };

  const counts = (): Readonly<AudioCounts> => sum(past, (pass ?? transcoder)?.counts ?? none);

  const path = (): Pick<AudioPathStats, 'kind' | 'reason'> => {
    if (pass !== null) return { kind: 'pass', reason: `${encoding} of the source` };
    if (transcoder !== null) return { kind: 'transcode', reason: config?.codec ?? '' };
    if (failure !== null) return { kind: 'unavailable', reason: failure.reason };
    return { kind: 'idle', reason: config === null ? 'no audio yet' : 'nobody listens' };
  };

  return {
    use(next) {
      if (config !== null && decodesAlike(config, next)) return;
      config = next;
      failure = null;
      reported = null;
      open();
    },
    setWanted(next) {
      if (next === wanted) return;
      wanted = next;
      open();
    },
    push: (mediaMs, data) => (pass === null ? transcode(mediaMs, data) : pass.push(mediaMs, data)),
    get skew48k() {
      return pass?.skew48k ?? 0;
    },
    get stats() {
      return { ...path(), ...counts() };
    },
    close() {
      closed = true;
      shut();
    },
  };
}
