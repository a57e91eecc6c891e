/**
 * Erlang/OTP's restart rules for one stream: a `transient` child (restarted only after an abnormal end) of a one_for_one
 * supervisor whose intensity counts per stream, so that one bad source never ends another. What differs from OTP: a
 * restart waits (back-off with jitter), and a child past its intensity is not given up for good but probed slowly.
 */

export interface PolicyLimits {
  /** OTP's MaxR: more crashes than this within the window make the stream `failed`. */
  readonly maxRestarts: number;
  /** OTP's MaxT, ms. */
  readonly restartWindowMs: number;
  /** A failed stream is started again so often, ms. */
  readonly probeMs: number;
}

/** When this stream was restarted, oldest first, in ms of the caller's clock; never more than maxRestarts + 1 entries. */
export interface RestartHistory {
  readonly restartsAtMs: readonly number[];
  /** The last start was a probe of a failed stream. */
  readonly probing: boolean;
}

/** `asked`: the end was ordered. `normal`: by itself with exit code 0. `abnormal`: a crash, a kill, a failed start. */
export type ChildExit = 'asked' | 'normal' | 'abnormal';

export type RestartDecision =
  | { readonly kind: 'end' }
  | { readonly kind: 'restart'; readonly afterMs: number }
  | { readonly kind: 'failed'; readonly probeAfterMs: number };

export interface Decided {
  readonly history: RestartHistory;
  readonly decision: RestartDecision;
}

const backOffMs = [0, 250, 500, 1000, 2000, 5000] as const;

export const neverRestarted: RestartHistory = { restartsAtMs: [], probing: false };

/**
 * What follows an end of the child. `random` is in [0, 1): a restart comes after half to all of its back-off, which
 * counts the restarts within the window: the first comes at once, since viewers wait for it. The caller must start the child
 * `afterMs` (`probeAfterMs`) after `nowMs`, and not earlier.
 */
export function decideRestart(
  history: RestartHistory,
  exit: ChildExit,
  nowMs: number,
  random: number,
  limits: PolicyLimits,
): Decided {
  if (exit !== 'abnormal') return { history: neverRestarted, decision: { kind: 'end' } };
  // Inclusive like OTP's in_period; the time of a restart counts, not of the crash before it: a little stricter.
  const recent = history.restartsAtMs.filter((atMs) => atMs + limits.restartWindowMs >= nowMs);
  if (recent.length >= limits.maxRestarts || (history.probing && recent.length > 0)) {
    const probeAfterMs = Math.max(limits.probeMs, limits.restartWindowMs + 1);
    return {
      history: { restartsAtMs: [nowMs + probeAfterMs], probing: true },
      decision: { kind: 'failed', probeAfterMs },
    };
  }
  const fullMs = backOffMs[Math.min(recent.length, backOffMs.length - 1)] ?? 0;
  const afterMs = fullMs * (0.5 + random / 2);
  return {
    history: { restartsAtMs: [...recent, nowMs + afterMs], probing: false },
    decision: { kind: 'restart', afterMs },
  };
}
