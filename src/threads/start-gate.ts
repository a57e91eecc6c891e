/**
 * Threads start few at a time: forty at once took 11 to 24 s and stalled the main thread (ARCHITECTURE.md, Starts). Those
 * with viewers go first, else first come, first served.
 */

export interface StartGate {
  /**
   * Calls `start` when there is a place; its `done` must be called once the thread is up or gone. The answer takes the
   * request back; nothing happens when it has been started already.
   */
  request(start: (done: () => void) => void, isWatched: () => boolean): () => void;
}

interface Request {
  readonly start: (done: () => void) => void;
  readonly isWatched: () => boolean;
}

export function createStartGate(atOnce: number): StartGate {
  const queue = new Set<Request>();
  let starting = 0;

  const startNext = (): void => {
    while (starting < atOnce) {
      const waiting = [...queue];
      const next = waiting.find(({ isWatched }) => isWatched()) ?? waiting[0];
      if (next === undefined) return;
      queue.delete(next);
      starting += 1;
      let isDone = false;
      next.start(() => {
        if (isDone) return;
        isDone = true;
        starting -= 1;
        startNext();
      });
    }
  };

  return {
    request(start, isWatched) {
      const request = { start, isWatched };
      queue.add(request);
      startNext();
      return () => queue.delete(request);
    },
  };
}
