/**
 * What a stream does with its frames while nobody watches: nothing. Video is kept as it came from the newest keyframe on, and is
 * worked off when somebody comes, each frame with the time at which it arrived; audio is not even kept. Only what decides the
 * stream's state goes on at once: configurations, data, and every tag of a kind that was not seen before.
 */
import type { Glance } from '../../src/core/access-unit/picture.js';
import { audioTagHead } from '../../src/core/flv/tag-head.js';
import type { MediaMessage } from '../../src/core/rtmp/media-message.js';
import type { MessageKind } from './demuxer.js';

export interface IdleGopOptions {
  /** Beyond it nothing is kept until the next keyframe: half a GOP cannot be decoded. */
  readonly maxBytes: number;
  /** Nobody needs frames now, and what is known of the stream does not depend on them. */
  readonly isIdle: () => boolean;
  /** What a message of video holds; null: it says what was not known, or cannot be read, and is passed on at once. */
  readonly glance: (message: MediaMessage) => Glance | null;
  /** `arrivedMs`: monotonic ms. */
  readonly pass: (message: MediaMessage, arrivedMs: number) => void;
  /** A frame of this track is not passed on now. */
  readonly onLeft: (track: 'audio' | 'video') => void;
  /** Video of so many bytes will be passed on at once. */
  readonly onFlush: (bytes: number) => void;
  /** The frames that were passed on make no GOP with those that will be. */
  readonly onGap: () => void;
  /** Frames of so many bytes were dropped for newer ones. */
  readonly onDropped: (bytes: number) => void;
}

interface Held {
  readonly message: MediaMessage;
  readonly arrivedMs: number;
  readonly glance: Glance;
}

/** Frames that were not passed on. */
interface Left {
  audioFrames: number;
  videoFrames: number;
  videoKeyframes: number;
}

export class IdleGop {
  readonly #options: IdleGopOptions;
  /** Tag heads of audio frames that were passed on. */
  #audioHeads = new Set<number>();
  #held: Held[] = [];
  #heldBytes = 0;
  /** What is held begins with a keyframe, or goes on where the frames that were passed on end. */
  #isWhole = true;
  /** Frames were passed on since the last gap. */
  #hasPassed = false;
  #config: Uint8Array = new Uint8Array();
  readonly #left: Left = { audioFrames: 0, videoFrames: 0, videoKeyframes: 0 };

  constructor(options: IdleGopOptions) {
    this.#options = options;
  }

  /** Those that are held included. */
  get left(): Readonly<Left> {
    return this.#left;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  receive(message: MediaMessage, arrivedMs: number): void {
    const { track, body } = message;
    if (track === 'data' || !this.#options.isIdle()) this.#options.pass(message, arrivedMs);
    else if (track === 'video') this.#receiveVideo(message, arrivedMs);
    else if (this.#knowsAudio(body)) {
      this.#left.audioFrames += 1;
      this.#options.onLeft('audio');
    } else this.#options.pass(message, arrivedMs);
  }

  /** The message was passed on, and is of this kind. */
  passed({ track, body }: MediaMessage, kind: MessageKind): void {
    if (track === 'data' || kind === 'other') return;
    if (kind === 'config') {
      if (track === 'video') this.#configured(body);
      return;
    }
    const head = track === 'audio' ? audioTagHead(body) : null;
    if (track === 'video') this.#hasPassed = true;
    else if (head !== null) this.#audioHeads.add(head);
  }

  /** All that is held is passed on now. */
  flush(): void {
    const held = this.#held;
    if (held.length > 0) this.#options.onFlush(this.#heldBytes);
    this.#clear();
    for (const { message, arrivedMs, glance } of held) {
      if (isPicture(glance)) this.#left.videoFrames -= 1;
      if (isStart(glance)) this.#left.videoKeyframes -= 1;
      this.#options.pass(message, arrivedMs);
    }
  }

  /** What is held is given up: nothing can begin before the next keyframe. */
  drop(): void {
    if (this.#held.length > 0) this.#gap();
  }

  /** What is held belongs to a session that is over. */
  newSession(): void {
    this.#audioHeads = new Set();
    if (this.#held.length > 0) this.#gap();
  }

  #knowsAudio(body: Uint8Array): boolean {
    const head = audioTagHead(body);
    return head !== null && this.#audioHeads.has(head);
  }

  #receiveVideo(message: MediaMessage, arrivedMs: number): void {
    const glance = this.#options.glance(message);
    if (glance === null) this.#options.pass(message, arrivedMs);
    else this.#hold({ message, arrivedMs, glance });
  }

  /** What is held was coded by the configuration before; many sources repeat theirs. */
  #configured(body: Uint8Array): void {
    if (Buffer.compare(this.#config, body) === 0) return;
    this.#config = Uint8Array.from(body);
    if (this.#held.length > 0) this.#gap();
  }

  #hold(held: Held): void {
    if (isPicture(held.glance)) {
      this.#left.videoFrames += 1;
      this.#options.onLeft('video');
    }
    if (isStart(held.glance)) {
      this.#left.videoKeyframes += 1;
      this.#startWith(held);
      return;
    }
    this.#keep(held);
  }

  #startWith(start: Held): void {
    const kept = this.#held.slice(this.#keptFrom(start.glance));
    const before = this.#heldBytes;
    this.#clear();
    this.#endGop();
    this.#isWhole = true;
    for (const one of kept) this.#keep(one);
    const dropped = before - this.#heldBytes;
    this.#keep(start);
    this.#options.onDropped(dropped);
  }

  /** Which of those that are held still count when this start comes. */
  #keptFrom(start: Glance): number {
    // Where pictures are whole only some frames behind a start, those since the one before are needed too.
    const older =
      start === 'gradual' ? this.#held.findLastIndex(({ glance }) => glance === 'gradual') : this.#held.length;
    if (older < 0) return this.#held.length;
    // Parameter sets and SEI may come in messages of their own.
    return this.#held.slice(0, older).findLastIndex(({ glance }) => glance !== 'before') + 1;
  }

  #keep(held: Held): void {
    this.#heldBytes += held.message.body.length;
    if (this.#isWhole && this.#heldBytes <= this.#options.maxBytes) this.#held.push(held);
    else this.#gap();
  }

  #gap(): void {
    this.#clear();
    this.#isWhole = false;
    this.#endGop();
  }

  #endGop(): void {
    if (this.#hasPassed) this.#options.onGap();
    this.#hasPassed = false;
  }

  #clear(): void {
    this.#held = [];
    this.#heldBytes = 0;
  }
}

const isStart = (glance: Glance): boolean => glance === 'entry' || glance === 'recovery' || glance === 'gradual';
const isPicture = (glance: Glance): boolean => isStart(glance) || glance === 'picture';
