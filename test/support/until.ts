import { setTimeout as delay } from 'node:timers/promises';

/** Looks every 50 ms until the probe gives something other than undefined or false; fails with words after the deadline. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 15_000,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > endMs) throw new Error(`${what}: not seen in ${timeoutMs} ms`);
    await delay(50);
  }
}

/** Gives what the promise gives; fails with words when it has not settled after the deadline. */
export async function within<T>(what: string, promise: Promise<T>, timeoutMs: number): Promise<T> {
  const end = new AbortController();
  const late = delay(timeoutMs, undefined, { signal: end.signal }).then(
    () => Promise.reject(new Error(`${what}: not seen in ${timeoutMs} ms`)),
    () => promise,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    end.abort();
  }
}
