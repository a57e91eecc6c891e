/** Stamps of a clock that runs at another speed than time, as one would give them that does not. */
import { unwrapNear, wraps32Ms } from './unwrap.js';

export class StampScale {
  #base = 1;
  #speed = 1;
  #lastMs: number | null = null;
  /** Where the present speed began: as stamped, and as given. Null: stamps are given as they come. */
  #from: { readonly stampMs: number; readonly givenMs: number } | null = null;

  /** The clock's own speed, as far as it is known. */
  get base(): number {
    return this.#base;
  }

  /** By which stamps are divided for now. */
  get speed(): number {
    return this.#speed;
  }

  /** The newest stamp. */
  get lastMs(): number {
    return this.#lastMs ?? 0;
  }

  /** Stamps of the other are given as this one's would be. */
  isLike(other: StampScale): boolean {
    if (this.#lastMs === null || other.#lastMs === null) return false;
    return Math.abs(this.#given(this.#lastMs) - other.#given(this.#lastMs)) < 1;
  }

  mend(stampMs: number): number {
    const isPlain = this.#from === null || this.#lastMs === null;
    this.#lastMs = isPlain ? stampMs : unwrapNear(stampMs, this.#lastMs ?? stampMs, wraps32Ms);
    return this.#given(this.#lastMs);
  }

  /** From this stamp on (null: from the newest) the clock is this fast. `base`: its own speed. */
  use(speed: number, base: number, fromMs: number | null): void {
    const stampMs = fromMs ?? this.lastMs;
    this.#from = { stampMs, givenMs: this.#given(stampMs) };
    this.#speed = speed;
    this.#base = base;
  }

  #given(stampMs: number): number {
    if (this.#from === null) return stampMs;
    return this.#from.givenMs + (stampMs - this.#from.stampMs) / this.#speed;
  }
}
