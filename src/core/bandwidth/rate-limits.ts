/** What delay control and loss control have in common. */
export interface RateLimits {
  readonly minBps: number;
  readonly maxBps: number;
}

export const within = ({ minBps, maxBps }: RateLimits, bps: number): number => Math.max(minBps, Math.min(maxBps, bps));

/** Of what arrives: a sender that has sent too much goes down to it, so that the queue empties (draft-ietf-rmcat-gcc-02 5.5). */
export const backOff = 0.85;
