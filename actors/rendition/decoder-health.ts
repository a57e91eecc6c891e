/** Whether a decoder makes pictures of what it is given: it may refuse all, and report no error. */

/**
 * A score that frames without a picture raise, by two where the decoder found fault with the frame. `failingAt` is more than any
 * decoder holds back. A picture lowers it by `picture`: now and then a frame is no video.
 */
const points = { withoutPicture: 1, damaged: 2, picture: 10, failingAt: 50 } as const;

export class DecoderHealth {
  #score = 0;
  #isFailing = false;

  /** A frame was decoded into so many pictures. True while next to no pictures come. */
  isFailing(pictures: number, isIntact: boolean): boolean {
    if (pictures > 0) this.#score = Math.max(0, this.#score - points.picture);
    else this.#score = Math.min(points.failingAt, this.#score + (isIntact ? points.withoutPicture : points.damaged));
    this.#isFailing = this.#isFailing ? this.#score > 0 : this.#score === points.failingAt;
    return this.#isFailing;
  }

  /** Another decoder begins. */
  reset(): void {
    this.#score = 0;
    this.#isFailing = false;
  }
}
