/**
 * Returns the memory of threads that have ended to the system: glibc keeps it for later threads, some 10 MB of each that served
 * viewers.
 */
import { monotonicMs } from '../clock.js';
import { nativeThreads } from './native/native-threads.js';

/** Threads that end together are trimmed once; and while threads come and go, new ones reuse what was left. */
const quietMs = 10_000;
/** They do not reuse all of it: of streams that were pulled and ended every two seconds for ten minutes a GB was kept. */
const mostMs = 60_000;

/** Gives what to call at each end of a thread: `trimMemory` is called `quietMs` after the last, and within `mostMs` of the first. */
export function createMemoryTrim(trimMemory: () => void, nowMs: () => number): () => void {
  let timer: NodeJS.Timeout | undefined;
  let firstMs = 0;
  const settle = (): void => {
    timer = undefined;
    trimMemory();
  };
  return () => {
    if (timer === undefined) firstMs = nowMs();
    else if (nowMs() - firstMs > mostMs - quietMs) return;
    clearTimeout(timer);
    timer = setTimeout(settle, quietMs).unref();
  };
}

export const trimMemoryWhenQuiet = createMemoryTrim(() => nativeThreads()?.trimMemory(), monotonicMs);
