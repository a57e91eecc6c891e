/** One encoding of a stream's video with one of its audio: their packets, and the viewers that are sent both. */
import type { AudioEncoding } from '../../src/core/codec/audio-encoding.js';
import { encodingKey, type VideoEncoding } from '../../src/core/codec/video-encoding.js';
import type { Distributor } from '../fanout/distributor.js';
import type { RenditionUse } from '../rendition/pool.js';

/** A viewer that reloads the page must not start the rendition again. */
const lingerMs = 5000;

export const groupKey = (video: VideoEncoding, audio: AudioEncoding): string => `${encodingKey(video)} ${audio}`;

/** A viewer that is sent both. */
export interface GroupMember {
  /** The source's own encoding, of this bitrate: does it decode it, and can it take it? */
  watch(sourceBps: number): void;
  /** Can it take this bitrate, which it is sent? */
  compare(sentBps: number): void;
}

export interface EncodingGroupOptions {
  readonly video: VideoEncoding;
  readonly audio: AudioEncoding;
  readonly distributor: Distributor;
  /** Null: the source's own encoding. */
  readonly rendition: RenditionUse | null;
  /** Its rendition has had no viewer for a while. */
  readonly onIdle: (group: EncodingGroup) => void;
}

export class EncodingGroup {
  readonly video: VideoEncoding;
  readonly audio: AudioEncoding;
  readonly distributor: Distributor;
  readonly rendition: RenditionUse | null;
  readonly members = new Set<GroupMember>();
  readonly #onIdle: (group: EncodingGroup) => void;
  /** For its first picture. */
  readonly #waiting: (() => void)[] = [];
  #lingering: NodeJS.Timeout | null = null;

  constructor({ video, audio, distributor, rendition, onIdle }: EncodingGroupOptions) {
    this.video = video;
    this.audio = audio;
    this.distributor = distributor;
    this.rendition = rendition;
    this.#onIdle = onIdle;
  }

  get key(): string {
    return groupKey(this.video, this.audio);
  }

  /** Calls back with the first picture, where one comes in time: a moment later it is closed, unless somebody has entered. */
  prepare(then: () => void): void {
    if (this.rendition === null || this.rendition.history.gopStart !== null) {
      then();
      return;
    }
    this.#waiting.push(then);
    if (this.members.size === 0) this.#linger();
  }

  /** New packets of the video are there. */
  published(): void {
    this.distributor.published('video');
    if (this.#waiting.length > 0 && this.rendition?.history.gopStart !== null) {
      for (const then of this.#waiting.splice(0)) then();
    }
  }

  enter(member: GroupMember): void {
    this.#stopLingering();
    this.members.add(member);
  }

  depart(member: GroupMember): void {
    this.members.delete(member);
    if (this.members.size === 0 && this.rendition !== null) this.#linger();
  }

  #linger(): void {
    this.#lingering ??= setTimeout(() => this.#onIdle(this), lingerMs);
  }

  /** Says BYE to all. */
  close(): void {
    this.#stopLingering();
    this.rendition?.close();
    this.distributor.close();
  }

  #stopLingering(): void {
    if (this.#lingering !== null) clearTimeout(this.#lingering);
    this.#lingering = null;
  }
}
