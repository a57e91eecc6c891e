/**
 * Loads into idle streams' threads what their first viewer will need, so that none waits for it: one thread after the other,
 * and only while no thread is starting. Many first viewers at once then meet code that is there.
 */
import type { StreamActor } from '../../actors/contract.js';

/**
 * From the last start of a thread to the next load: longer than a hang takes to be judged, so that a thread that hangs as it
 * starts is judged as what it is, and not by the time that a load has.
 */
const quietMs = 2000;

/** What is asked of a thread. */
interface IdleThread {
  readonly actor: Pick<StreamActor, 'loadAhead'>;
  readonly ended: Promise<unknown>;
}

interface Preload {
  /** A thread starts: loads wait until that is over. */
  starting(): void;
  /** The thread is up. */
  add(thread: IdleThread): void;
  close(): void;
}

/** `max`: so many threads at once have it loaded ahead. */
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
    // One that dies of it, or takes too long, is the guardian's business.
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
