import { setTimeout as delay } from 'node:timers/promises';

/**
 * Measures up to three times, until a measurement is good; gives the last one. For what a machine can spoil that takes the
 * cores away from a browser or an encoder for a moment: what is wrong with us is wrong in every window.
 */
export async function measured<T>(measure: () => Promise<T>, isGood: (result: T) => boolean): Promise<T> {
  for (let window = 0; window < 2; window += 1) {
    const result = await measure();
    if (isGood(result)) return result;
  }
  return measure();
}

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
