/**
 * Tells messages of one track that bear the stamp of the one before them: relays of MPEG-TS give all frames of a PES packet
 * its one stamp. Such a frame has no time of its own: it begins where the last one ends.
 */

/** No frame of audio is as short: 2.5 ms of Opus is the shortest. */
const roundingMs = 1;
/** Beyond either it is no run of frames: the clock stands still, and what arrives has to say the time. */
const longest = { messages: 128, arrivalMs: 1000 } as const;

export interface StampRun {
  /** True for a message that belongs to the run of the one before it. `stampMs`: as received; `nowMs`: monotonic. */
  follows(stampMs: number, nowMs: number): boolean;
  /** Another connection's stamps follow. */
  reset(): void;
}

export function createStampRun(): StampRun {
  let lastMs: number | null = null;
  let run = { messages: 0, sinceMs: 0 };

  return {
    follows(stampMs, nowMs) {
      const isSame = lastMs !== null && stampMs >= lastMs && stampMs - lastMs <= roundingMs;
      lastMs = stampMs;
      if (!isSame) run = { messages: 0, sinceMs: nowMs };
      run.messages += 1;
      return isSame && run.messages <= longest.messages && nowMs - run.sinceMs <= longest.arrivalMs;
    },
    reset() {
      lastMs = null;
    },
  };
}
