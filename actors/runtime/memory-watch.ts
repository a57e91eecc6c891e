/**
 * What this thread holds, counted at each heartbeat, and what it does about it (src/core/supervise/memory-budget.ts). Of FFmpeg
 * only pictures count; what it needs to decode and encode sound are some 100 kB.
 */
import { getHeapStatistics } from 'node:v8';
import { beatWords } from '../../src/core/supervise/beat-block.js';
import { decideBudget, nothingHeld } from '../../src/core/supervise/memory-budget.js';

/** What a thread holds beside its JavaScript heap and its own buffers, and can give up. */
export interface Holdings {
  /** Bytes of which V8 knows nothing: shared memory that it has allocated, what the add-on in C holds, FFmpeg's pictures. */
  countHeld(): number;
  /** True: gives up what is costly, from now on; false: there is room for it again. */
  spare(isSparing: boolean): void;
}

export interface MemoryWatch {
  /** Until then the thread has nothing to give up. */
  holds(holdings: Holdings): void;
  /** Counts. True: the thread must end itself now. */
  look(nowMs: number): boolean;
}

const none: Holdings = { countHeld: () => 0, spare() {} };

export function createMemoryWatch(words: Int32Array): MemoryWatch {
  const budgetBytes = Atomics.load(words, beatWords.budgetKb) * 1024;
  let holdings = none;
  let state = nothingHeld;

  const count = (): number => {
    const { used_heap_size: heap, malloced_memory: compiling, external_memory: buffers } = getHeapStatistics();
    const usedBytes = heap + compiling + buffers + holdings.countHeld();
    Atomics.store(words, beatWords.usedKb, Math.ceil(usedBytes / 1024));
    return usedBytes;
  };

  return {
    holds(given) {
      holdings = given;
    },
    look(nowMs) {
      const usedBytes = count();
      if (budgetBytes === 0) return false;
      const decided = decideBudget(state, usedBytes, budgetBytes, nowMs);
      state = decided.state;
      switch (decided.step) {
        case 'collect':
          // The main thread has let V8 make it (src/threads/engine.ts); a thread of a test may have none.
          globalThis.gc?.();
          count();
          return false;
        case 'shed':
        case 'restore':
          holdings.spare(decided.step === 'shed');
          return false;
        case 'end':
          return true;
        case 'none':
          return false;
      }
    },
  };
}
