/** A picture waits for the next one, which says how long it lasts. */
import type { Sample } from '../media/fragment-muxer.js';

type Timed = Omit<Sample, 'duration'>;

export class HeldSample {
  #held: Timed | null = null;
  #duration: number;

  /** `firstDuration`: of a sample that no other one follows. */
  constructor(firstDuration: number) {
    this.#duration = firstDuration;
  }

  /** The one that waited; null before the second. A sample that is no later than the last one is left out. */
  push(next: Timed): Sample | null {
    const held = this.#held;
    if (held !== null && next.dts <= held.dts) return null;
    this.#held = next;
    if (held === null) return null;
    this.#duration = next.dts - held.dts;
    return { ...held, duration: this.#duration };
  }

  /** The one that waits, as long as the last one was. */
  take(): Sample | null {
    const held = this.#held;
    this.#held = null;
    return held === null ? null : { ...held, duration: this.#duration };
  }
}
