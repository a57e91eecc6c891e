/** The thread's side of its block of shared memory (its words: src/core/supervise/beat-block.ts). */
import { beatMs, beatWords } from '../../src/core/supervise/beat-block.js';
import type { NativeGuard } from '../media/native.js';

export interface Beat {
  readonly guard: NativeGuard;
  /** Lines of log that the main thread has taken so far, modulo 2^32. */
  linesTaken(): number;
  stop(): void;
}

/** Beats from now on for as long as the event loop lives; the timer does not keep the thread alive. */
export function createBeat(block: SharedArrayBuffer): Beat {
  const words = new Int32Array(block);
  const beat = (): void => {
    Atomics.add(words, beatWords.beat, 1);
  };
  beat();
  const timer = setInterval(beat, beatMs).unref();
  return {
    guard: createNativeGuard(words),
    linesTaken: () => Atomics.load(words, beatWords.linesTaken) >>> 0,
    stop: () => clearInterval(timer),
  };
}

/**
 * The word first, then the look at `condemned`; the supervisor does it the other way round. So either it sees this thread
 * inside and waits, or this thread sees that it is condemned and parks, where ending it is safe.
 */
function createNativeGuard(words: Int32Array): NativeGuard {
  // A load of the binding spans turns of the event loop, in which batches come and go.
  let depth = 0;
  return {
    enter() {
      depth += 1;
      Atomics.store(words, beatWords.inNative, 1);
      if (Atomics.load(words, beatWords.condemned) === 0) return;
      Atomics.store(words, beatWords.inNative, 0);
      for (;;) Atomics.wait(words, beatWords.condemned, 1);
    },
    leave() {
      depth -= 1;
      if (depth === 0) Atomics.store(words, beatWords.inNative, 0);
    },
  };
}
