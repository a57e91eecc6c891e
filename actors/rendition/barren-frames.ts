/** Whether a decoder makes anything of what it is given: it may refuse all, and go on. */

/**
 * Frames of which no picture came, those that the decoder found fault with counted twice: more than it holds back. One of which a
 * picture came makes up for some: now and then one is no video.
 */
const barren = { most: 50, twice: 2, redeemed: 10 } as const;

export class BarrenFrames {
  #score = 0;
  #isBarren = false;

  /** A frame is decoded. True where next to no picture comes of what is. */
  see(pictures: number, isIntact: boolean): boolean {
    if (pictures > 0) this.#score = Math.max(0, this.#score - barren.redeemed);
    else this.#score = Math.min(barren.most, this.#score + (isIntact ? 1 : barren.twice));
    this.#isBarren = this.#isBarren ? this.#score > 0 : this.#score === barren.most;
    return this.#isBarren;
  }

  /** Another decoder begins. */
  reset(): void {
    this.#score = 0;
    this.#isBarren = false;
  }
}
