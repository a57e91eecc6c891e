/**
 * Limits how many threads start at the same time: forty at once took 11 to 24 s and stalled the main thread
 * (ARCHITECTURE.md, Starts). Streams with viewers start first, the others in the order of their requests.
 */

export interface StartGate {
  /**
   * Calls `start` when its turn has come; `start` must call `done` once the thread is up or gone. Returns a function that
   * cancels the request; it has no effect after `start` was called.
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
