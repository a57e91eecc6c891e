/**
 * Collects this thread's young objects once buffers of some size have died with them. To V8 a buffer is the few bytes of its
 * object, and it collects when there is 1 MB of objects: a stream that nobody watches makes that in ten seconds, in which 3 MB of
 * frames die. Asked just when they have died, a collection finds next to nothing alive, and takes a fraction of a millisecond.
 */

/** Less is left to V8. */
const worthBytes = 524_288;

/** To be told of each lot of bytes that died. */
export function createYoungCollection(): (deadBytes: number) => void {
  let bytes = 0;
  return (deadBytes) => {
    bytes += deadBytes;
    if (bytes < worthBytes) return;
    bytes = 0;
    // The main thread has let V8 make it (src/threads/engine.ts); a thread of a test may have none.
    globalThis.gc?.({ type: 'minor' });
  };
}
