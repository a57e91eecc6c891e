/**
 * The frames that a rendition's thread has not been given yet. It is given a few at a time, so that it answers between them.
 *
 * One that is opened in the middle of a long group has to decode all since its keyframe first: at full speed, without showing any
 * of it, and without frames that no other is predicted from. A keyframe that comes meanwhile is a shorter way to the live edge.
 */
import type { AccessUnit } from '../../src/core/codec/access-unit.js';

/** About a second. A thread that is so far behind goes on at the next keyframe. */
const mostBehind = 30;
/** Of those that are decoded only, in frames. */
const mostHidden = 16_384;

export interface Due {
  readonly unit: AccessUnit;
  /** False: decoded only, so that later frames can be. */
  readonly isShown: boolean;
}

export class Backlog {
  #waiting: AccessUnit[] = [];
  /** Taken from the front of what waits: to shift a long list costs its length. */
  #taken = 0;
  #isCatchingUp = false;
  #isSkipping = false;
  #skipped = 0;
  /** Left out since it waits for a keyframe. */
  #left = 0;

  /** Frames left out because the thread was behind, or to reach the live edge. */
  get skipped(): number {
    return this.#skipped;
  }

  get length(): number {
    return this.#waiting.length - this.#taken;
  }

  /** What is given now is decoded only. */
  get isCatchingUp(): boolean {
    return this.#isCatchingUp;
  }

  /** Why nothing can be seen of what is given, in words; null where it can. */
  get whyNothing(): string | null {
    if (this.#isSkipping && this.#left > 0) return 'it waits for the next keyframe';
    return this.#isCatchingUp ? `it first decodes ${this.length} frames since the last keyframe` : null;
  }

  /** A thread begins: `cached` is what came since the newest keyframe. */
  begin(cached: readonly AccessUnit[]): void {
    this.#waiting = [...cached];
    this.#taken = 0;
    this.#isCatchingUp = cached.length > 1;
    this.#isSkipping = cached.length === 0;
    this.#left = 0;
  }

  push(unit: AccessUnit): void {
    const isWholeStart = unit.isKeyframe && unit.isGradual !== true;
    if (isWholeStart || (unit.isKeyframe && this.#isSkipping)) {
      this.#drop();
      this.#isCatchingUp = false;
      this.#isSkipping = false;
    } else if (this.length >= (this.#isCatchingUp ? mostHidden : mostBehind)) {
      this.#drop();
      this.#isSkipping = true;
      this.#left = 0;
    }
    if (!this.#isSkipping) {
      this.#waiting.push(unit);
      return;
    }
    this.#skipped += 1;
    this.#left += 1;
  }

  /** The next frame for the thread; null: it has all. */
  next(): Due | null {
    for (;;) {
      const unit = this.#waiting[this.#taken];
      if (unit === undefined) return null;
      this.#taken += 1;
      if (this.length === 0) {
        this.#waiting = [];
        this.#taken = 0;
      }
      const isShown = !this.#isCatchingUp || this.length === 0;
      if (isShown) this.#isCatchingUp = false;
      else if (unit.isDisposable === true) continue;
      return { unit, isShown };
    }
  }

  #drop(): void {
    this.#skipped += this.length;
    this.#waiting = [];
    this.#taken = 0;
  }
}
