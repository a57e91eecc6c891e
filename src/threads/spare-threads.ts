/**
 * Threads that stand ready, so that a pull or a restart does not wait for one to start and load its code. A spare that was
 * taken is replaced when no other start is under way any more: streams that many ask for at once go first.
 */
import type { BlankThread } from './blank-thread.js';

/** From the last start to that of a spare. */
const quietMs = 300;

/** What is asked of a spare itself. */
type Spare = Pick<BlankThread, 'dismiss'> & { readonly watched: Pick<BlankThread['watched'], 'ended'> };

interface SpareThreads<T> {
  /** A ready one, or at least one that was begun before; a new one when there is none. */
  take(): T;
  /** Resolves when those that nobody took are gone. */
  close(): Promise<void>;
}

/** `start`: of one that is taken at once, or of one that is to stand ready. */
export function createSpareThreads<T extends Spare>(start: (isSpare: boolean) => T, count: number): SpareThreads<T> {
  const spares = new Set<T>();
  let timer: NodeJS.Timeout | undefined;
  /** To be started, one after the other. */
  let missing = count;

  const refill = (): void => {
    clearTimeout(timer);
    if (missing > 0) timer = setTimeout(add, quietMs).unref();
  };
  const add = (): void => {
    missing -= 1;
    const spare = start(true);
    spares.add(spare);
    // One that cannot even start is not tried again before the next pull.
    void spare.watched.ended.then(() => spares.delete(spare));
    refill();
  };
  const takeSpare = (): T | undefined => {
    const [spare] = spares;
    if (spare !== undefined) spares.delete(spare);
    return spare;
  };

  refill();
  return {
    take() {
      const thread = takeSpare() ?? start(false);
      missing = count - spares.size;
      refill();
      return thread;
    },
    async close() {
      clearTimeout(timer);
      const left = [...spares];
      for (const spare of left) spare.dismiss();
      await Promise.all(left.map(({ watched }) => watched.ended));
    },
  };
}
