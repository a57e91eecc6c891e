/**
 * When pictures are shown, by what the container says (composition times) as far as the bitstream bears it out. Sources send
 * composition times that are false: they never move a picture further than a decoder could hold it back.
 */

/**
 * By how many pictures one may be shown after it was decoded. The size of the decoder's buffer (H.264 A.3.1 h) is no limit: with 16
 * B-frames that no other is predicted from it is 2, and each P picture is shown 17 later. Encoders make no more of them, and a decoder
 * holds 16 pictures, by which stamps may be behind.
 */
const mostPictures = 32;
/** MaxDpbFrames (A.3.1 h), by which an SPS may reorder that does not say (E.2.1). */
const dpbPictures = 16;
/** Pictures are taken to be so far apart until two have come, and no further than this. */
const distanceMs = { usual: 40, most: 2000 } as const;
/** Where pictures come in the order in which they are shown, one offset for all is none; a longer one is a fault. */
const mostOffsetMs = 1000;
/** Stamps are whole milliseconds. */
const roundingMs = 1;
/** RTP time of one picture is after that of the one before. */
const leastStepMs = 1;

export class Presentation {
  #lastMediaMs: number | null = null;
  #distanceMs: number = distanceMs.usual;
  /** Of streams without reordering; null: not known yet. */
  #offsetMs: number | null = null;
  #passedMs = Number.NEGATIVE_INFINITY;

  /** Pictures that follow are of another format. */
  begin(): void {
    this.#offsetMs = null;
  }

  /** `reorderFrames`: as the SPS states it, null where it does not. */
  presentedMs(mediaMs: number, compositionTimeMs: number, reorderFrames: number | null): number {
    if (this.#lastMediaMs !== null) {
      const sinceMs = Math.min(distanceMs.most, mediaMs - this.#lastMediaMs);
      this.#distanceMs = Math.max(sinceMs, this.#distanceMs * 0.9);
    }
    this.#lastMediaMs = mediaMs;
    if (reorderFrames === 0) return mediaMs + this.#steady(compositionTimeMs);
    const mostMs = mostPictures * this.#distanceMs;
    // Earlier than it is decoded is a picture shown by as many as come before it and are shown later, at most.
    const earliestMs = (reorderFrames ?? dpbPictures) * this.#distanceMs + roundingMs;
    return mediaMs + Math.max(-earliestMs, Math.min(mostMs, compositionTimeMs));
  }

  /** The time of a picture that is passed on as it came: later than that of the one before, whatever the source says. */
  passedMs(presentedMs: number): number {
    this.#passedMs = Math.max(presentedMs, this.#passedMs + leastStepMs);
    return this.#passedMs;
  }

  /** The latest time of a picture that was passed on. */
  get latestMs(): number {
    return this.#passedMs;
  }

  /** The offset that all have had so far; none as soon as they differ. */
  #steady(compositionTimeMs: number): number {
    this.#offsetMs ??= Math.abs(compositionTimeMs) <= mostOffsetMs ? compositionTimeMs : 0;
    if (Math.abs(compositionTimeMs - this.#offsetMs) > roundingMs) this.#offsetMs = 0;
    return this.#offsetMs;
  }
}
