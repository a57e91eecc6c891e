/**
 * The smallest lag of arrival behind the timeline within the last seconds (a windowed minimum): messages that come late, in
 * bursts or after a stall do not count.
 */
const windowMs = 5000;

export interface MinLag {
  /** `lagMs` of one message. Gives the minimum over the last one to two windows. */
  observe(lagMs: number, nowMs: number): number;
  /** Forgets earlier messages. */
  reset(): void;
}

export function createMinLag(): MinLag {
  let startMs = Number.NEGATIVE_INFINITY;
  let minMs = Number.POSITIVE_INFINITY;
  let earlierMs = Number.POSITIVE_INFINITY;

  return {
    observe(lagMs, nowMs) {
      if (nowMs - startMs >= windowMs) {
        earlierMs = minMs;
        minMs = Number.POSITIVE_INFINITY;
        startMs = nowMs;
      }
      minMs = Math.min(minMs, lagMs);
      return Math.min(minMs, earlierMs);
    },
    reset() {
      startMs = Number.NEGATIVE_INFINITY;
      minMs = Number.POSITIVE_INFINITY;
      earlierMs = Number.POSITIVE_INFINITY;
    },
  };
}
