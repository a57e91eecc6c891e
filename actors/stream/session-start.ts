/**
 * How a source's next session goes on from the one before: where the line of time stood, not ahead of it.
 *
 * A server that starts again sends at once what it has: a cached GOP, or what its encoder made while it connected. Put where the
 * line is now, the first of it would leave all that follows ahead by the length of the burst, and browsers show the video
 * that much later for ten seconds and more. So the first moments are held until the stamps have told how late they are.
 */
import { WireError } from '../../src/core/bytes/wire-error.js';
import type { TagReader } from '../../src/core/flv/tag-reader.js';
import type { MediaMessage, Track } from '../../src/core/rtmp/media-message.js';

/** A burst comes within it, on most networks; where stamps still run ahead of the time, it is held on. */
const holdMs = { first: 150, further: 75, most: 600 } as const;
/** Stamps run ahead where the last moment brought them nearer to the time by so much. */
const burst = { momentMs: 75, nearerMs: 40 } as const;
/** Of a shorter pause viewers have hardly seen anything. */
const pauseMs = 500;
/** Audio that is later is left out: a browser delays all audio for the latest packet that it has seen. */
const staleMs = 60;

export interface SessionStartOptions {
  /** Of this source: frames of tracks that are not played say nothing. */
  readonly tags: Pick<TagReader, 'audio' | 'video'>;
  /** `arrivedMs`: monotonic ms. */
  readonly pass: (message: MediaMessage, arrivedMs: number) => void;
  /** The first frame that is passed next is so much later than the source will be. */
  readonly onLate: (lateMs: number) => void;
  readonly nowMs: () => number;
}

interface Held {
  readonly message: MediaMessage;
  readonly arrivedMs: number;
  readonly isFrame: boolean;
}

export class SessionStart {
  readonly #options: SessionStartOptions;
  #held: Held[] = [];
  #isNew = false;
  #isHolding = false;
  #lastMs: number | null = null;
  #heldSinceMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SessionStartOptions) {
    this.#options = options;
  }

  newSession(): void {
    this.close();
    this.#isNew = true;
  }

  receive(message: MediaMessage): void {
    const arrivedMs = this.#options.nowMs();
    if (message.track !== 'data') this.#saw(arrivedMs);
    if (!this.#isHolding) {
      this.#options.pass(message, arrivedMs);
      return;
    }
    this.#held.push({ message, arrivedMs, isFrame: this.#isFrame(message) });
    if (message.track === 'data' || this.#timer !== undefined) return;
    this.#heldSinceMs = arrivedMs;
    this.#timer = setTimeout(() => this.#look(), holdMs.first);
  }

  /** What is held is of no use any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held = [];
    this.#isHolding = false;
  }

  /** Held after media of another session, and a pause: a stand-by that takes over at once has no burst. */
  #saw(nowMs: number): void {
    if (this.#isNew) this.#isHolding = this.#lastMs !== null && nowMs - this.#lastMs >= pauseMs;
    this.#isNew = false;
    this.#lastMs = nowMs;
  }

  #look(): void {
    const nowMs = this.#options.nowMs();
    const isLong = nowMs - this.#heldSinceMs >= holdMs.most;
    if (isLong || !isRunningAhead(nowMs, this.#held)) this.#settle();
    else this.#timer = setTimeout(() => this.#look(), holdMs.further);
  }

  #settle(): void {
    const held = this.#held;
    this.close();
    const { pass, onLate, nowMs } = this.#options;
    const now = nowMs();
    const lateMs = latenessAt(now, held);
    const kept = held.filter(
      ({ message, isFrame }) => message.track !== 'audio' || lateMs(message) <= staleMs || !isFrame,
    );
    const first = kept.find(({ isFrame }) => isFrame);
    if (first !== undefined) onLate(lateMs(first.message));
    for (const { message } of kept) pass(message, now);
  }

  #isFrame({ track, body }: MediaMessage): boolean {
    const { tags } = this.#options;
    try {
      return track !== 'data' && (track === 'video' ? tags.video(body) : tags.audio(body)).kind === 'frame';
    } catch (error) {
      if (error instanceof WireError) return false;
      throw error;
    }
  }
}

/** Of either track: how late the least late of its frames was, until a moment ago, and since. */
function isRunningAhead(nowMs: number, held: readonly Held[]): boolean {
  return (['audio', 'video'] as const).some((track) => {
    const frames = held.filter(({ message, isFrame }) => isFrame && message.track === track);
    const isNew = ({ arrivedMs }: Held): boolean => nowMs - arrivedMs <= burst.momentMs;
    const leastLagMs = (some: readonly Held[]): number =>
      Math.min(...some.map((one) => one.arrivedMs - one.message.timestampMs));
    const older = leastLagMs(frames.filter((one) => !isNew(one)));
    return Number.isFinite(older) && older - leastLagMs(frames.filter(isNew)) > burst.nearerMs;
  });
}

/** How much later a message is than the earliest of its track by its stamp, if it is passed on now. */
function latenessAt(nowMs: number, held: readonly Held[]): (message: MediaMessage) => number {
  const leastLagMs = (track: Track): number =>
    Math.min(
      ...held
        .filter(({ message, isFrame }) => isFrame && message.track === track)
        .map((one) => one.arrivedMs - one.message.timestampMs),
    );
  const least = { audio: leastLagMs('audio'), video: leastLagMs('video'), data: 0 };
  return ({ track, timestampMs }) => Math.max(0, nowMs - timestampMs - least[track]);
}
