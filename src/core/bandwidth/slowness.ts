/**
 * Which viewers cannot take a stream as it is: their own estimate (REMB) stays below its bitrate. A single low report says
 * little, since an estimate begins low and grows: several in a row do.
 */

/** Reports a second apart. */
const reportsInARow = 8;
/** An estimate that is this near is near enough: the bitrate of a source swings by more. */
const enough = 0.9;

export interface Slowness {
  /** Reports in a row that were too low. */
  readonly low: number;
}

export const notSlow: Slowness = { low: 0 };

/** Null: the viewer, or the source, gives no figure. */
export function stepSlowness(state: Slowness, estimateBps: number | null, sourceBps: number | null): Slowness {
  const isLow = estimateBps !== null && sourceBps !== null && estimateBps < sourceBps * enough;
  return isLow ? { low: state.low + 1 } : notSlow;
}

export const isTooSlow = ({ low }: Slowness): boolean => low >= reportsInARow;
