/**
 * Loads the code that a first viewer needs into the threads of streams without viewers, so that no first viewer waits for
 * it: one thread after the other, and only while no thread is starting.
 */
import type { StreamActor } from '../../actors/contract.js';

/**
 * From the last start of a thread to the next load. Longer than the watchdog takes to find a hang, so that a thread that
 * hangs at its start is not given the longer time of one that loads code.
 */
const quietMs = 2000;

/** The part of a thread that is used here. */
interface IdleThread {
  readonly actor: Pick<StreamActor, 'loadAhead'>;
  readonly ended: Promise<unknown>;
}

interface Preload {
  /** A thread starts: the next load waits until it is up. */
  starting(): void;
  /** The thread is up. */
  add(thread: IdleThread): void;
  close(): void;
}

/** `max`: how many threads may have the code loaded ahead. */
export function createPreload(max: number): Preload {
  const waiting = new Set<IdleThread>();
  const loaded = new Set<IdleThread>();
  let isLoading = false;
  let timer: NodeJS.Timeout | undefined;

  const schedule = (): void => {
    clearTimeout(timer);
    if (!isLoading && waiting.size > 0 && loaded.size < max) timer = setTimeout(next, quietMs).unref();
  };

  const next = async (): Promise<void> => {
    const [thread] = waiting;
    if (thread === undefined) return;
    waiting.delete(thread);
    loaded.add(thread);
    isLoading = true;
    // The guardian handles a thread that dies of it, or takes too long.
    await thread.actor.loadAhead().catch(() => {});
    isLoading = false;
    if (waiting.size > 0 && loaded.size < max) timer = setTimeout(next).unref();
  };

  return {
    starting: schedule,
    add(thread) {
      if (max === 0) return;
      waiting.add(thread);
      void thread.ended.then(() => {
        waiting.delete(thread);
        if (loaded.delete(thread)) schedule();
      });
      schedule();
    },
    close() {
      clearTimeout(timer);
      waiting.clear();
    },
  };
}
