/**
 * A token bucket per key (an address, a session). The caller brings the clock; the number of keys is bounded, and a key
 * whose bucket is full again is forgotten.
 */
export interface RateRules {
  readonly perMinute: number;
  /** How many may come at once after a pause; default: `perMinute`. */
  readonly burst?: number;
  /** Above it the key seen longest ago is forgotten; default 10,000. */
  readonly maxKeys?: number;
}

export interface RateLimit {
  /** Takes one token; false when there is none. */
  take(key: string, nowMs: number): boolean;
  /** True when a token is there; takes none. */
  has(key: string, nowMs: number): boolean;
}

export function createRateLimit({ perMinute, burst = perMinute, maxKeys = 10_000 }: RateRules): RateLimit {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  const tokensPerMs = perMinute / 60_000;

  const tokensOf = (key: string, nowMs: number): number => {
    const bucket = buckets.get(key);
    return bucket === undefined
      ? burst
      : Math.min(burst, bucket.tokens + Math.max(0, nowMs - bucket.atMs) * tokensPerMs);
  };

  return {
    has: (key, nowMs) => tokensOf(key, nowMs) >= 1,
    take(key, nowMs) {
      const tokens = tokensOf(key, nowMs);
      const isTaken = tokens >= 1;
      // Deleted and set again, so that the map's order is that of use and its first key the oldest.
      buckets.delete(key);
      buckets.set(key, { tokens: isTaken ? tokens - 1 : tokens, atMs: nowMs });
      for (const oldest of buckets.keys()) {
        if (buckets.size <= maxKeys && tokensOf(oldest, nowMs) < burst) break;
        buckets.delete(oldest);
      }
      return isTaken;
    },
  };
}
