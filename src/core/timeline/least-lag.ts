/** How far arrival is behind the line at the least, lately: what comes late, in lumps or after a stall says nothing of it. */
const windowMs = 5000;

export interface LeastLag {
  /** Of one message. Gives the least of the last one to two windows. */
  observe(lagMs: number, nowMs: number): number;
  /** Earlier messages say nothing of those that follow. */
  reset(): void;
}

export function createLeastLag(): LeastLag {
  let startMs = Number.NEGATIVE_INFINITY;
  let leastMs = Number.POSITIVE_INFINITY;
  let earlierMs = Number.POSITIVE_INFINITY;

  return {
    observe(lagMs, nowMs) {
      if (nowMs - startMs >= windowMs) {
        earlierMs = leastMs;
        leastMs = Number.POSITIVE_INFINITY;
        startMs = nowMs;
      }
      leastMs = Math.min(leastMs, lagMs);
      return Math.min(leastMs, earlierMs);
    },
    reset() {
      startMs = Number.NEGATIVE_INFINITY;
      leastMs = Number.POSITIVE_INFINITY;
      earlierMs = Number.POSITIVE_INFINITY;
    },
  };
}
