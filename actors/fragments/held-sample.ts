/** A picture waits for the next one, which says how long it lasts. */
import type { Sample } from '../media/fragment-muxer.js';

type Timed = Omit<Sample, 'duration'>;

export class HeldSample {
  #held: Timed | null = null;
  #lastDts: number | null = null;
  #duration: number;

  /** `firstDuration`: of a sample that no other one follows. */
  constructor(firstDuration: number) {
    this.#duration = firstDuration;
  }

  /** The one that waited; null where none did. A sample that is no later than the last one is left out. */
  push(next: Timed): Sample | null {
    const held = this.#held;
    if (this.#lastDts !== null && next.dts <= this.#lastDts) return null;
    if (this.#lastDts !== null) this.#duration = next.dts - this.#lastDts;
    this.#held = next;
    this.#lastDts = next.dts;
    return held === null ? null : { ...held, duration: this.#duration };
  }

  /** The one that waits, as long as the last one was: longer, and players would take more to be there than has come. */
  take(): Sample | null {
    const held = this.#held;
    this.#held = null;
    return held === null ? null : { ...held, duration: this.#duration };
  }
}
