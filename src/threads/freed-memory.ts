/** What threads leave behind that have ended: glibc keeps it for threads to come, some 10 MB of each that served viewers. */
import { monotonicMs } from '../clock.js';
import { nativeThreads } from './native/native-threads.js';

/** Those that end together are one lot; and while threads come and go, those that come take what was left. */
const quietMs = 10_000;
/** But not all of it: of streams that were pulled and ended each other second for ten minutes a GB was kept. */
const mostMs = 60_000;

/** Gives what is called at each end: `giveBack` follows some time after the last one, or after so many that are without a pause. */
export function createGiveBack(giveBack: () => void, nowMs: () => number): () => void {
  let timer: NodeJS.Timeout | undefined;
  let firstMs = 0;
  const settle = (): void => {
    timer = undefined;
    giveBack();
  };
  return () => {
    if (timer === undefined) firstMs = nowMs();
    else if (nowMs() - firstMs > mostMs - quietMs) return;
    clearTimeout(timer);
    timer = setTimeout(settle, quietMs).unref();
  };
}

export const giveBackWhenQuiet = createGiveBack(() => nativeThreads()?.giveBack(), monotonicMs);
