/**
 * Spare threads with their code loaded, so that a pull or a restart need not wait for a thread to start. A spare that was
 * taken is replaced once no other thread has started for a while: pulls that start at once go first.
 */
import type { BlankThread } from './blank-thread.js';

/** From the last start of a thread to that of a spare, ms. */
const quietMs = 300;

/** The part of a spare that is used here. */
type Spare = Pick<BlankThread, 'dismiss'> & { readonly watched: Pick<BlankThread['watched'], 'ended'> };

interface SpareThreads<T> {
  /** A spare, which may still be loading; a new thread when there is none. */
  take(): T;
  readonly all: readonly T[];
  /** Others take the place of those that stand ready. */
  renew(): void;
  /** Resolves when the spares are gone. */
  close(): Promise<void>;
}

/** `start`: starts a thread, as a spare or to be used at once. `count`: of spares. */
export function createSpareThreads<T extends Spare>(start: (isSpare: boolean) => T, count: number): SpareThreads<T> {
  const spares = new Set<T>();
  let timer: NodeJS.Timeout | undefined;
  /** Spares to be started, one after the other. */
  let missing = count;

  const refill = (): void => {
    clearTimeout(timer);
    if (missing > 0) timer = setTimeout(add, quietMs).unref();
  };
  const add = (): void => {
    missing -= 1;
    const spare = start(true);
    spares.add(spare);
    // A spare that fails to start is not replaced before the next pull.
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
    get all() {
      return [...spares];
    },
    renew() {
      for (const spare of spares) spare.dismiss();
      spares.clear();
      missing = count;
      refill();
    },
    async close() {
      clearTimeout(timer);
      const left = [...spares];
      for (const spare of left) spare.dismiss();
      await Promise.all(left.map(({ watched }) => watched.ended));
    },
  };
}
