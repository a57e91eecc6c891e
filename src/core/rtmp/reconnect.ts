/**
 * When a lost source is dialled again: soon at first, then less and less often, so that a server that restarts is
 * neither missed nor flooded. Pure: the caller gives the time and the chance.
 */
const growth = 2;
/** While an outage is young its end is not missed by more than this, in ms. */
const earlyCapMs = 1000;
const earlyMs = 60_000;
/** Media that lasted so long was no accident, in ms. */
const stableMs = 10_000;
/** Delays are spread over this part of themselves, downward: many pulls of one server do not come back as one. */
const jitter = 0.25;

export interface ReconnectOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** At least 0, less than 1. */
  readonly random: () => number;
}

export interface Reconnect {
  /** Media comes, at this time. */
  media(nowMs: number): void;
  /** The source is lost, or could not be reached: ms to wait before it is dialled again. */
  delayMs(nowMs: number): number;
  /** True when media has lasted long enough for all earlier trouble to be over. */
  isStable(nowMs: number): boolean;
}

export function createReconnect({ firstMs, maxMs, random }: ReconnectOptions): Reconnect {
  let attempts = 0;
  let outageSinceMs: number | null = null;
  let mediaSinceMs: number | null = null;

  const isStable = (nowMs: number): boolean => mediaSinceMs !== null && nowMs - mediaSinceMs >= stableMs;

  return {
    isStable,
    media(nowMs) {
      mediaSinceMs ??= nowMs;
    },
    delayMs(nowMs) {
      if (isStable(nowMs)) {
        attempts = 0;
        outageSinceMs = null;
      }
      mediaSinceMs = null;
      outageSinceMs ??= nowMs;
      const capMs = nowMs - outageSinceMs < earlyMs ? Math.min(earlyCapMs, maxMs) : maxMs;
      // The power is bounded, so that a long outage never makes it infinite.
      const fullMs = Math.min(firstMs * growth ** Math.min(attempts, 32), Math.max(capMs, Math.min(firstMs, maxMs)));
      attempts += 1;
      return Math.round(fullMs * (1 - jitter * random()));
    },
  };
}
