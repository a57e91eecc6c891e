/** Opus out of whatever the source sends: its own packets where they are Opus, else by a transcoder while somebody listens. */
import type { AudioConfig } from '../../src/core/codec/audio-config.js';
import { decodesAlike } from '../../src/core/flv/audio-source.js';
import { createOpusPass } from '../../src/core/timeline/opus-pass.js';
import type { SoundPass } from '../../src/core/timeline/pass-clock.js';
import type { SoundCounts, SoundPacket } from '../../src/core/timeline/sound-packet.js';
import { SluiceError } from '../../src/errors.js';
import type { LogFields, LogLevel } from '../contract.js';
import { loadNativeAv, type NativeAv, type NativeGuard } from '../media/native.js';
import { createSoundTranscoder, type SoundTranscoder } from '../media/sound-transcoder.js';
import type { AudioWay } from '../stats.js';

export interface SoundMakingOptions {
  readonly bitrateKbps: number;
  readonly guard: NativeGuard;
  readonly report: (level: LogLevel, event: string, fields: LogFields) => void;
}

export interface SoundMaking {
  /** What follows is of this kind. A decoder that takes it goes on; RTP time goes on in any case. */
  use(config: AudioConfig): void;
  /** Transcoding runs only while somebody listens: an idle stream loads no codec and costs no CPU. */
  setWanted(wanted: boolean): void;
  /** Empty data stand for a frame that is lost. */
  push(mediaMs: number, data: Uint8Array): readonly SoundPacket[];
  /** By how much RTP time is ahead of media time, in samples of 48 kHz. */
  readonly skew48k: number;
  readonly way: AudioWay;
  close(): void;
}

/** A transcoder that failed in itself is opened anew after this much media time. */
const retryMs = 1000;

const none: Readonly<SoundCounts> = { decodeErrors: 0, jumps: 0, dropped: 0 };

const sum = (one: Readonly<SoundCounts>, other: Readonly<SoundCounts>): Readonly<SoundCounts> => ({
  decodeErrors: one.decodeErrors + other.decodeErrors,
  jumps: one.jumps + other.jumps,
  dropped: one.dropped + other.dropped,
});

export function createSoundMaking(options: SoundMakingOptions): SoundMaking {
  const { report } = options;
  let config: AudioConfig | null = null;
  let wanted = false;
  let closed = false;
  let pass: SoundPass | null = null;
  let transcoder: SoundTranscoder | null = null;
  let av: NativeAv | null = null;
  let isLoading = false;
  let failure: { readonly reason: string; readonly retryAtMs: number } | null = null;
  /** Media time of the last frame. */
  let reachedMs = Number.NEGATIVE_INFINITY;
  let next48k: number | null = null;
  let past: Readonly<SoundCounts> = none;

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
    const code = error instanceof SluiceError ? error.code : 'internal';
    const detail = error instanceof Error ? error.message : String(error);
    // Without FFmpeg the stream goes on, without sound (MEDIA.md, The design that follows).
    const retryAtMs = code === 'media.unavailable' ? Number.POSITIVE_INFINITY : reachedMs + retryMs;
    if (failure?.reason !== detail) report('error', 'audio.unavailable', { code, detail });
    failure = { reason: detail, retryAtMs };
  };

  const openTranscoder = (loaded: NativeAv, source: AudioConfig): void => {
    const { bitrateKbps, guard } = options;
    try {
      transcoder = createSoundTranscoder(loaded, {
        ...{ config: source, bitrateKbps, guard, log: report, notBefore48k: next48k },
      });
      failure = null;
    } catch (error) {
      fail(error);
    }
  };

  const open = (): void => {
    shut();
    if (config === null || closed) return;
    if (config.codec === 'Opus' && config.isPlain) pass = createOpusPass(next48k);
    else if (wanted && av !== null) openTranscoder(av, config);
    else if (wanted && !isLoading) load();
  };

  const load = (): void => {
    isLoading = true;
    loadNativeAv(options.guard).then(
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

  const transcode = (mediaMs: number, data: Uint8Array): readonly SoundPacket[] => {
    reachedMs = mediaMs;
    if (failure !== null && mediaMs >= failure.retryAtMs) open();
    if (transcoder === null) return [];
    try {
      return transcoder.push({ mediaMs, data });
    } catch (error) {
      fail(error);
      shut();
      return [];
    }
  };

  const counts = (): Readonly<SoundCounts> => sum(past, (pass ?? transcoder)?.counts ?? none);

  const way = (): Pick<AudioWay, 'kind' | 'reason'> => {
    if (pass !== null) return { kind: 'pass', reason: 'Opus of the source' };
    if (transcoder !== null) return { kind: 'transcode', reason: config?.codec ?? '' };
    if (failure !== null) return { kind: 'unavailable', reason: failure.reason };
    return { kind: 'idle', reason: config === null ? 'no sound yet' : 'nobody listens' };
  };

  return {
    use(next) {
      if (config !== null && decodesAlike(config, next)) return;
      config = next;
      failure = null;
      open();
    },
    setWanted(next) {
      if (next === wanted) return;
      wanted = next;
      if (pass === null) open();
    },
    push: (mediaMs, data) => (pass === null ? transcode(mediaMs, data) : pass.push(mediaMs, data)),
    get skew48k() {
      return pass?.skew48k ?? 0;
    },
    get way() {
      return { ...way(), ...counts() };
    },
    close() {
      closed = true;
      shut();
    },
  };
}
