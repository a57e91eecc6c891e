/**
 * What a stream does with its frames while nobody watches: nothing. Video is kept as it came from the newest keyframe on, and is
 * worked off when somebody comes, each frame with the time at which it arrived; audio is not even kept. Only what decides the
 * stream's state goes on at once: configurations, data, and every tag of a kind that was not seen before.
 */
import { tagHead } from '../../src/core/flv/tag-head.js';
import type { MediaMessage } from '../../src/core/rtmp/media-message.js';
import type { MessageKind } from './demuxer.js';

export interface IdleGopOptions {
  /** Beyond it nothing is kept until the next keyframe: half a GOP cannot be decoded. */
  readonly maxBytes: number;
  /** Nobody needs frames now, and what is known of the stream does not depend on them. */
  readonly isIdle: () => boolean;
  /** `arrivedMs`: monotonic ms. */
  readonly pass: (message: MediaMessage, arrivedMs: number) => void;
  /** Video of so many bytes will be passed on at once. */
  readonly onFlush: (bytes: number) => void;
  /** The frames that were passed on make no GOP with those that will be. */
  readonly onGap: () => void;
}

interface Held {
  readonly message: MediaMessage;
  readonly arrivedMs: number;
  readonly isKeyframe: boolean;
}

/** Frames that were not passed on. */
interface Left {
  audioFrames: number;
  videoFrames: number;
  videoKeyframes: number;
}

export class IdleGop {
  readonly #options: IdleGopOptions;
  /** By tag head: of what kind the tags were that were passed on. */
  #kinds = { audio: new Map<number, MessageKind>(), video: new Map<number, MessageKind>() };
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
    const kind = this.#options.isIdle() ? this.#kindOf(message) : undefined;
    if (kind === undefined) this.#options.pass(message, arrivedMs);
    else if (message.track === 'audio') this.#left.audioFrames += 1;
    else this.#hold({ message, arrivedMs, isKeyframe: kind === 'keyframe' });
  }

  /** The message was passed on, and is of this kind. */
  passed({ track, body }: MediaMessage, kind: MessageKind): void {
    if (track === 'data' || kind === 'other') return;
    if (kind === 'config') {
      if (track === 'video') this.#configured(body);
      return;
    }
    if (track === 'video') this.#hasPassed = true;
    const head = tagHead(track, body);
    if (head !== null) this.#kinds[track].set(head, kind);
  }

  /** All that is held is passed on now. */
  flush(): void {
    const held = this.#held;
    if (held.length > 0) this.#options.onFlush(this.#heldBytes);
    this.#clear();
    for (const { message, arrivedMs, isKeyframe } of held) {
      this.#left.videoFrames -= 1;
      if (isKeyframe) this.#left.videoKeyframes -= 1;
      this.#options.pass(message, arrivedMs);
    }
  }

  /** What is held is given up: nothing can begin before the next keyframe. */
  drop(): void {
    if (this.#held.length > 0) this.#gap();
  }

  /** What is held belongs to a session that is over. */
  newSession(): void {
    this.#kinds = { audio: new Map(), video: new Map() };
    if (this.#held.length > 0) this.#gap();
  }

  #kindOf({ track, body }: MediaMessage): MessageKind | undefined {
    const head = track === 'data' ? null : tagHead(track, body);
    return track === 'data' || head === null ? undefined : this.#kinds[track].get(head);
  }

  /** What is held was coded by the configuration before; many sources repeat theirs. */
  #configured(body: Uint8Array): void {
    if (Buffer.compare(this.#config, body) === 0) return;
    this.#config = Uint8Array.from(body);
    if (this.#held.length > 0) this.#gap();
  }

  #hold(held: Held): void {
    this.#left.videoFrames += 1;
    if (held.isKeyframe) {
      this.#left.videoKeyframes += 1;
      this.#clear();
      this.#endGop();
      this.#isWhole = true;
    }
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
