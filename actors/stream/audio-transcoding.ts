/** A transcoder that is opened when it is needed, and opened again after it failed; audio.unavailable is logged once. */
import type { AudioConfig } from '../../src/core/codec/audio-config.js';
import type { AudioTarget } from '../../src/core/codec/audio-encoding.js';
import type { AudioPacket } from '../../src/core/timeline/audio-packet.js';
import { type ErrorCode, readThrown, rowOf } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import type { AudioTranscoder } from '../media/audio-transcoder.js';
import type { OpenAudioTranscoder } from '../media/load-audio.js';
import type { NativeGuard } from '../media/native.js';

/** Why there is no transcoder. */
export interface AudioFailure {
  readonly code: ErrorCode;
  /** For people. */
  readonly reason: string;
}

export interface AudioTranscodingOptions {
  readonly encoding: AudioTarget;
  /** Of Opus and AAC. */
  readonly bitrateKbps: number;
  readonly opusFrameMs?: number | undefined;
  readonly guard: NativeGuard;
  /** Error: media.unavailable. */
  readonly loadAudio: () => Promise<OpenAudioTranscoder>;
  readonly log: Logger;
  /** The transcoder is closed: its counts and time are to be kept. */
  readonly onClose: (transcoder: AudioTranscoder) => void;
  /** RTP time goes on from here, in samples of 48 kHz. */
  readonly next48k: () => number | null;
}

/** A transcoder that failed before it made anything is opened again after this much media time. */
const retryMs = 1000;

export class AudioTranscoding {
  readonly #options: AudioTranscodingOptions;
  #config: AudioConfig | null = null;
  #transcoder: AudioTranscoder | null = null;
  #openTranscoder: OpenAudioTranscoder | null = null;
  #isLoading = false;
  #failure: (AudioFailure & { readonly retryAtMs: number }) | null = null;
  /** The last failure that was logged for this kind of audio. */
  #logged: string | null = null;
  /** The transcoder has made something: what broke it was in the frame. */
  #hasWorked = false;
  /** Media time of the last frame. */
  #reachedMs = Number.NEGATIVE_INFINITY;

  constructor(options: AudioTranscodingOptions) {
    this.#options = options;
  }

  get transcoder(): AudioTranscoder | null {
    return this.#transcoder;
  }

  get isLoading(): boolean {
    return this.#isLoading;
  }

  /** Null when none failed. */
  get failure(): AudioFailure | null {
    return this.#failure;
  }

  /** What follows is other audio: earlier failures say nothing of it. */
  forgive(): void {
    this.#failure = null;
    this.#logged = null;
  }

  /** Transcodes this kind of audio from now on. */
  open(config: AudioConfig): void {
    this.close();
    this.#config = config;
    if (this.#openTranscoder !== null) this.#openWith(this.#openTranscoder, config);
    else if (!this.#isLoading) this.#load();
  }

  /** `mediaMs`: null for a frame that begins where the last one ended. */
  push(mediaMs: number | null, data: Uint8Array): readonly AudioPacket[] {
    this.#reachedMs = mediaMs ?? this.#reachedMs;
    const mayRetry = this.#failure !== null && this.#reachedMs >= this.#failure.retryAtMs;
    if (mayRetry && this.#config !== null) this.open(this.#config);
    if (this.#transcoder === null) return [];
    try {
      const packets = this.#transcoder.push({ mediaMs, data });
      this.#hasWorked ||= packets.length > 0;
      return packets;
    } catch (error) {
      this.#fail(error);
      this.#closeTranscoder();
      return [];
    }
  }

  /** Until the next `open`. */
  close(): void {
    this.#config = null;
    this.#closeTranscoder();
  }

  #closeTranscoder(): void {
    const closed = this.#transcoder;
    this.#transcoder = null;
    if (closed === null) return;
    this.#options.onClose(closed);
    closed.close();
  }

  #openWith(openTranscoder: OpenAudioTranscoder, config: AudioConfig): void {
    const { encoding, bitrateKbps, opusFrameMs, guard, log, next48k } = this.#options;
    try {
      const notBefore48k = next48k();
      this.#transcoder = openTranscoder({ config, encoding, bitrateKbps, opusFrameMs, guard, log, notBefore48k });
      this.#failure = null;
      this.#hasWorked = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  #load(): void {
    this.#isLoading = true;
    this.#options.loadAudio().then(
      (openTranscoder) => {
        this.#openTranscoder = openTranscoder;
        this.#isLoading = false;
        if (this.#config !== null) this.#openWith(openTranscoder, this.#config);
      },
      (error: unknown) => {
        this.#isLoading = false;
        this.#fail(error);
      },
    );
  }

  #fail(error: unknown): void {
    const code = rowOf(error);
    const detail = readThrown(error).message;
    // Without FFmpeg the stream goes on, without audio (docs/media.md, The design that follows).
    const pauseMs = code === 'media.unavailable' ? Number.POSITIVE_INFINITY : this.#hasWorked ? 0 : retryMs;
    if (this.#logged !== detail) this.#options.log('error', 'audio.unavailable', { code, detail });
    this.#logged = detail;
    this.#failure = { code, reason: detail, retryAtMs: this.#reachedMs + pauseMs };
  }
}
