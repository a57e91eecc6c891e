/**
 * When a message of one track goes on, where jitter is smoothed: at its place by the stamps, so much after the message that
 * came earliest by them. What comes early waits, what comes late goes at once; nothing waits longer than `delayMs`.
 */
export interface Release {
  /** For each message in order of its arrival: between `arrivalMs` and `delayMs` later, and never before the one ahead of it. */
  at(stampMs: number, arrivalMs: number): number;
}

/** Who was earliest longer ago than one to two of these does not count any more: clocks drift. */
const windowMs = 5000;
/** Stamps that are this far off the others are no jitter: the clock has jumped, and the count begins again. */
const jumpMs = 1000;

export function createRelease(delayMs: number): Release {
  let windowStartMs = Number.NEGATIVE_INFINITY;
  /** How far arrival is behind the stamps, at the least, in this window and in the one before. */
  let leastLagMs = Number.POSITIVE_INFINITY;
  let earlierLagMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;

  return {
    at(stampMs, arrivalMs) {
      const lagMs = arrivalMs - stampMs;
      const known = Math.min(leastLagMs, earlierLagMs);
      const hasJumped = Math.abs(lagMs - known) > jumpMs;
      if (hasJumped || arrivalMs - windowStartMs >= windowMs) {
        earlierLagMs = hasJumped ? Number.POSITIVE_INFINITY : leastLagMs;
        leastLagMs = Number.POSITIVE_INFINITY;
        windowStartMs = arrivalMs;
      }
      leastLagMs = Math.min(leastLagMs, lagMs);
      const dueMs = stampMs + Math.min(leastLagMs, earlierLagMs) + delayMs;
      lastMs = Math.max(arrivalMs, lastMs, Math.min(dueMs, arrivalMs + delayMs));
      return lastMs;
    },
  };
}
