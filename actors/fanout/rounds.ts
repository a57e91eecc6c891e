/**
 * How far live viewers may be served: a large frame goes out in rounds with pauses between them. All of it at once
 * overruns whoever does not read at once: Linux's default receive buffer holds some 90 packets of 1,200 bytes, and
 * Firefox keeps that default. A pure machine; slices.ts turns it. What waits stays in the history, in its order.
 */
export interface Rounds {
  /** The packet that viewers are served up to. */
  readonly released: number;
  /** The next round of a picture that is on its way begins no sooner. */
  readonly notBeforeMs: number;
}

/** So many packets go out at once: no picture of less is ever delayed. */
export const wholePackets = 32;
const roundPackets = 16;
/** From the beginning of a round: where it takes longer by itself, the next one follows at once. */
const pauseMs = 2;
/** A picture that is larger still goes out in rounds that are larger: it must not take much longer than until the next. */
const maxRounds = 20;

export const roundsFrom = (released: number): Rounds => ({ released, notBeforeMs: Number.NEGATIVE_INFINITY });

/** `history.first`: the oldest packet that there still is. The same `released` as before: nothing is new, or it must wait. */
export function nextRound(
  rounds: Rounds,
  log: { readonly first: number; readonly end: number },
  nowMs: number,
): Rounds {
  const from = Math.max(rounds.released, log.first);
  const packets = log.end - from;
  if (packets > 0 && nowMs < rounds.notBeforeMs) return rounds;
  if (packets <= wholePackets) return roundsFrom(log.end);
  return {
    released: from + Math.max(roundPackets, Math.ceil(packets / maxRounds)),
    notBeforeMs: nowMs + pauseMs,
  };
}
