/** Moments that something is due at, by key. To ask in vain costs nothing: the earliest is known. */

export interface Deadlines {
  set(key: string, dueMs: number): void;
  clear(key: string): void;
  /** Those that are due, each once. */
  take(nowMs: number): readonly string[];
  /** Not after the earliest; Infinity: there is none. */
  readonly dueMs: number;
}

export function createDeadlines(): Deadlines {
  const dues = new Map<string, number>();
  // What was cleared or put off may be still in it: then nothing is found due, and it is computed anew.
  let earliestMs = Number.POSITIVE_INFINITY;

  return {
    set(key, dueMs) {
      dues.set(key, dueMs);
      earliestMs = Math.min(earliestMs, dueMs);
    },
    clear: (key) => void dues.delete(key),
    take(nowMs) {
      if (nowMs < earliestMs) return [];
      const taken = [...dues].filter(([, dueMs]) => dueMs <= nowMs).map(([key]) => key);
      for (const key of taken) dues.delete(key);
      earliestMs = Number.POSITIVE_INFINITY;
      for (const dueMs of dues.values()) earliestMs = Math.min(earliestMs, dueMs);
      return taken;
    },
    get dueMs() {
      return earliestMs;
    },
  };
}
