/**
 * One piece of work at a time, with a turn of the event loop between two: a handshake's key exchange takes milliseconds,
 * and media must not wait for a whole queue of them (ARCHITECTURE.md, WebRTC).
 */

/** Beyond this no more shall be taken on: every client repeats what was not answered. */
const maxWaiting = 256;

export interface Turns {
  readonly isFull: boolean;
  add(work: () => void): void;
  /** What waits is not done any more. */
  close(): void;
}

export function createTurns(): Turns {
  let waiting: (() => void)[] = [];
  let next: NodeJS.Immediate | null = null;

  const turn = (): void => {
    const work = waiting.shift();
    next = waiting.length > 0 ? setImmediate(turn) : null;
    work?.();
  };

  return {
    get isFull() {
      return waiting.length >= maxWaiting;
    },
    add(work) {
      waiting.push(work);
      next ??= setImmediate(turn);
    },
    close() {
      waiting = [];
      if (next !== null) clearImmediate(next);
      next = null;
    },
  };
}
