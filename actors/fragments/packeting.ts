/** From units to the packets of one encoding: the source's own video, or a rendition where players of packets cannot play that. */
import type { AudioConfig } from '../../src/core/codec/audio-config.js';
import type { VideoWish } from '../../src/core/codec/video-encoding.js';
import { type AudioTimes, createAudioTimes } from '../../src/core/fragments/audio-times.js';
import { audioTimescale, unitSamples } from '../../src/core/fragments/unit-samples.js';
import {
  audioPacket,
  audioSetupPacket,
  isSame,
  type MediaPacket,
  type PacketMessage,
  videoPacket,
  videoPacketOf,
  videoSetupPacket,
} from '../../src/core/wcs/media-packet.js';
import type { AudioUnit, Unit, UnitFormat, VideoUnit } from './units.js';

/** One frame of a rendition: SPS and PPS stand before each keyframe. */
export interface RenditionFrame {
  readonly nals: readonly Uint8Array[];
  readonly isKeyframe: boolean;
  readonly pts90k: number;
}

export interface PacketingOptions {
  /** Null: the video as it is, where it can be played. */
  readonly wish: VideoWish | null;
  /** Browsers can play the source's own encoding, and it is H.264. */
  readonly isPlayable: () => boolean;
  /** Begins to make a rendition; its frames come until it is closed. */
  readonly openRendition: (
    wish: VideoWish | null,
    onFrame: (frame: RenditionFrame) => void,
  ) => { readonly close: () => void };
  /** Of the source's audio; null: nothing is known of it. */
  readonly audioConfig: () => AudioConfig | null;
  /** The source sends no video, as far as is known by now. */
  readonly isAudioAlone: () => boolean;
  readonly emit: (message: PacketMessage) => void;
}

type Setup = Extract<PacketMessage, { readonly kind: 'setup' }>;

export class Packeting {
  readonly #options: PacketingOptions;
  #rendition: ReturnType<PacketingOptions['openRendition']> | null = null;
  #setup: Setup | null = null;
  /** Of the source's own video, when its parameter sets were said. */
  #format: UnitFormat | null = null;
  #config: AudioConfig | null = null;
  #times: AudioTimes = createAudioTimes();
  #needsKeyframe = true;

  constructor(options: PacketingOptions) {
    this.#options = options;
  }

  /** `since`: the source's own video since its newest keyframe. */
  begin(since: readonly VideoUnit[]): void {
    this.reconsider();
    if (this.#rendition === null) for (const unit of since) this.#pushVideo(unit);
  }

  push(unit: Unit): void {
    if (unit.track === 'audio') this.#pushAudio(unit);
    else if (this.#rendition === null) this.#pushVideo(unit);
  }

  reconsider(): void {
    const { wish, isPlayable, isAudioAlone, openRendition } = this.#options;
    const isMade = !isAudioAlone() && (wish !== null || !isPlayable());
    if (isMade === (this.#rendition !== null)) return;
    this.#rendition?.close();
    this.#needsKeyframe = true;
    this.#format = null;
    this.#rendition = isMade ? openRendition(wish, (frame) => this.#pushRendition(frame)) : null;
  }

  close(): void {
    this.#rendition?.close();
    this.#rendition = null;
  }

  #pushVideo({ format, data, isKeyframe, isLeftOut, ptsMs }: VideoUnit): void {
    if (isLeftOut || format.config.codec !== 'H264') return;
    if (format !== this.#format) this.#needsKeyframe = true;
    if (isKeyframe && format !== this.#format) this.#say(videoSetupPacket(format.setup));
    if (isKeyframe) this.#format = format;
    this.#emitVideo(videoPacket(data, isKeyframe), isKeyframe, ptsMs);
  }

  #pushRendition({ nals, isKeyframe, pts90k }: RenditionFrame): void {
    if (isKeyframe) this.#say(videoSetupPacket(nals));
    this.#emitVideo(videoPacketOf(nals, isKeyframe), isKeyframe, pts90k / 90);
  }

  #emitVideo(data: Uint8Array, isKeyframe: boolean, atMs: number): void {
    if (isKeyframe) this.#needsKeyframe = false;
    if (!this.#needsKeyframe) this.#emit({ kind: 'packet', track: 'video', data, isKeyframe, atMs });
  }

  #pushAudio({ config, data, mediaMs }: AudioUnit): void {
    const samples = unitSamples(config, data);
    if (config.codec !== 'AAC' || samples === null || data.length === 0) return;
    if (config !== this.#config) {
      this.#config = config;
      this.#times = createAudioTimes();
      this.#say(this.#setup?.video ?? null);
    }
    const atMs = this.#times.place(mediaMs, (samples * 1000) / audioTimescale(config));
    if (atMs !== null) this.#emit({ kind: 'packet', track: 'audio', data: audioPacket(data), isKeyframe: false, atMs });
  }

  /** Unless it was said. Of a stream with video nothing can begin before its parameter sets are known. */
  #say(video: Uint8Array | null): void {
    const { audioConfig, isAudioAlone, emit } = this.#options;
    if (video === null && !isAudioAlone()) return;
    const config = audioConfig();
    const audio = config?.codec === 'AAC' ? audioSetupPacket(config.audioSpecificConfig) : null;
    const last = this.#setup;
    if (last !== null && isSame(video, last.video) && isSame(audio, last.audio)) return;
    this.#setup = { kind: 'setup', video, audio };
    emit(this.#setup);
  }

  #emit(packet: MediaPacket): void {
    if (this.#setup !== null) this.#options.emit(packet);
  }
}
