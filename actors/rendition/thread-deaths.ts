/** Whether a rendition is worth another thread, by how its threads ended so far. */

/** Threads that ended in a row, none of which has done much: another one would fare no better. */
const most = 5;
/** So many frames are much: some ten seconds. */
const provenFrames = 300;

export class ThreadDeaths {
  #count = 0;
  #framesDone = 0;

  /** A thread has ended. True where no further one is to be opened. `framesDone`: in all threads so far. */
  died(framesDone: number): boolean {
    this.#count = framesDone - this.#framesDone >= provenFrames ? 1 : this.#count + 1;
    this.#framesDone = framesDone;
    return this.#count >= most;
  }
}
