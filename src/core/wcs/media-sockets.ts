/**
 * Which socket for media belongs to which play. A client names its session on it and no stream, and opens it when it is told the
 * answer: so one play at a time is told, and the others wait until its socket is there.
 */
export class MediaSockets {
  #waiting: number[] = [];
  /** The first of those that wait knows its answer. */
  #isTold = false;
  readonly #sockets = new Map<number, number>();

  /** The play has an answer. */
  add(play: number): void {
    this.#waiting.push(play);
  }

  /** The play that is to be told its answer now; null: none. */
  next(): number | null {
    const [first = null] = this.#waiting;
    if (this.#isTold || first === null) return null;
    this.#isTold = true;
    return first;
  }

  /** The play for which this socket was opened; null: for none. */
  opened(socket: number): number | null {
    const play = this.#isTold ? this.#waiting.shift() : undefined;
    this.#isTold = false;
    if (play === undefined) return null;
    this.#sockets.set(play, socket);
    return play;
  }

  /** Others are before it. */
  isWaiting(play: number): boolean {
    return this.#waiting.indexOf(play) > (this.#isTold ? 0 : -1);
  }

  /** The play has ended. Gives its socket, null for none. */
  ended(play: number): number | null {
    const socket = this.#sockets.get(play) ?? null;
    this.#sockets.delete(play);
    if (this.#waiting[0] === play) this.#isTold = false;
    this.#waiting = this.#waiting.filter((other) => other !== play);
    return socket;
  }
}
