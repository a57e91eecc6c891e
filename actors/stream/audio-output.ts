/** One encoding of the audio out of whatever the source sends: the source's own packets where they are in it, else transcoded. */
import type { AudioConfig } from '../../src/core/codec/audio-config.js';
import type { AudioEncoding } from '../../src/core/codec/audio-encoding.js';
import { decodesAlike } from '../../src/core/flv/audio-source.js';
import type { AudioCounts, AudioPacket } from '../../src/core/timeline/audio-packet.js';
import { createG711Pass } from '../../src/core/timeline/g711-pass.js';
import { createOpusPass } from '../../src/core/timeline/opus-pass.js';
import type { AudioPass } from '../../src/core/timeline/pass-clock.js';
import type { AudioPathStats } from '../stats.js';
import { type AudioFailure, AudioTranscoding, type AudioTranscodingOptions } from './audio-transcoding.js';

export interface AudioOutputOptions extends Omit<AudioTranscodingOptions, 'encoding' | 'onClose' | 'next48k'> {
  readonly encoding: AudioEncoding;
}

/** Of RTP's PCMA and PCMU (RFC 3551 4.5.14). */
const g711RateHz = 8000;

const none: Readonly<AudioCounts> = { decodeErrors: 0, jumps: 0, dropped: 0 };

const sum = (one: Readonly<AudioCounts>, other: Readonly<AudioCounts>): Readonly<AudioCounts> => ({
  decodeErrors: one.decodeErrors + other.decodeErrors,
  jumps: one.jumps + other.jumps,
  dropped: one.dropped + other.dropped,
});

/** The source's own packets, where they can be sent as they are; else null. */
function passFor(encoding: AudioEncoding, config: AudioConfig, notBefore48k: number | null): AudioPass | null {
  if (encoding === 'Opus') return config.codec === 'Opus' && config.isPlain ? createOpusPass(notBefore48k) : null;
  const isPlain = config.codec === encoding && config.channels === 1 && config.sampleRateHz === g711RateHz;
  return isPlain ? createG711Pass(notBefore48k) : null;
}

export class AudioOutput {
  readonly #encoding: AudioEncoding;
  readonly #transcoding: AudioTranscoding;
  #config: AudioConfig | null = null;
  #isWanted = false;
  #isClosed = false;
  #pass: AudioPass | null = null;
  /** RTP time goes on from here. */
  #next48k: number | null = null;
  /** Of passes and transcoders that are over. */
  #past: Readonly<AudioCounts> = none;

  constructor(options: AudioOutputOptions) {
    this.#encoding = options.encoding;
    this.#transcoding = new AudioTranscoding({
      ...options,
      onClose: (transcoder) => this.#keep(transcoder),
      next48k: () => this.#next48k,
    });
  }

  /** By how much RTP time is ahead of media time, in samples of 48 kHz. */
  get skew48k(): number {
    return this.#pass?.skew48k ?? 0;
  }

  get stats(): AudioPathStats {
    const { kind, reason } = this.#path;
    return { kind, reason, ...sum(this.#past, (this.#pass ?? this.#transcoding.transcoder)?.counts ?? none) };
  }

  /** Nothing is made of frames until FFmpeg is loaded. */
  get isLoading(): boolean {
    return this.#pass === null && this.#transcoding.isLoading;
  }

  /** Why nothing can be made; null while it can, or nobody listens. */
  get failure(): AudioFailure | null {
    return this.#isWanted && this.#pass === null ? this.#transcoding.failure : null;
  }

  /** What follows is of this kind. A decoder that takes it goes on; RTP time goes on in any case. */
  use(config: AudioConfig): void {
    if (this.#config !== null && decodesAlike(this.#config, config)) return;
    this.#config = config;
    this.#transcoding.forgive();
    this.#open();
  }

  /** Nothing is made but while somebody listens: an idle stream loads no codec and costs no CPU. */
  setWanted(isWanted: boolean): void {
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    this.#open();
  }

  /** Empty data stand for a frame that is lost; `mediaMs` is null for a frame that begins where the last one ended. */
  push(mediaMs: number | null, data: Uint8Array): readonly AudioPacket[] {
    return (this.#pass ?? this.#transcoding).push(mediaMs, data);
  }

  close(): void {
    this.#isClosed = true;
    this.#shut();
  }

  #open(): void {
    this.#shut();
    if (this.#config === null || this.#isClosed || !this.#isWanted) return;
    this.#pass = passFor(this.#encoding, this.#config, this.#next48k);
    if (this.#pass === null) this.#transcoding.open(this.#config);
  }

  #shut(): void {
    if (this.#pass !== null) this.#keep(this.#pass);
    this.#pass = null;
    this.#transcoding.close();
  }

  #keep({ counts, next48k }: { readonly counts: Readonly<AudioCounts>; readonly next48k: number | null }): void {
    this.#past = sum(this.#past, counts);
    this.#next48k = next48k ?? this.#next48k;
  }

  get #path(): Pick<AudioPathStats, 'kind' | 'reason'> {
    const { transcoder, failure } = this.#transcoding;
    if (this.#pass !== null) return { kind: 'pass', reason: `${this.#encoding} of the source` };
    if (transcoder !== null) return { kind: 'transcode', reason: this.#config?.codec ?? '' };
    if (failure !== null) return { kind: 'unavailable', reason: failure.reason };
    return { kind: 'idle', reason: this.#config === null ? 'no audio yet' : 'nobody listens' };
  }
}
