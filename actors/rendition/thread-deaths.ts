/** Whether a rendition is worth another thread, by how its threads ended so far. */

/** Threads that ended in a row, none of which has done much: another one would fare no better. */
const most = 5;
/** So many frames are much: some ten seconds. */
const provenFrames = 300;

export class ThreadDeaths {
  #count = 0;
  #doneAtOpening = 0;

  /** `framesDone`: in all threads so far. */
  opened(framesDone: number): void {
    this.#doneAtOpening = framesDone;
  }

  /** A thread has ended. True where no further one is to be opened. */
  died(framesDone: number): boolean {
    this.#count = framesDone - this.#doneAtOpening >= provenFrames ? 1 : this.#count + 1;
    return this.#count >= most;
  }
}
