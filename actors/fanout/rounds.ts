/**
 * How far live viewers may be served: a large frame goes out in rounds with pauses between them. All of it at once
 * overruns whoever does not read at once: Linux's default receive buffer holds some 90 packets of 1,200 bytes, and
 * Firefox keeps that default. A pure machine; slices.ts turns it. What waits stays in the history, in its order.
 */
export interface Rounds {
  /** The packet that viewers are served up to. */
  readonly released: number;
  /** The next round of a frame that is being sent begins no sooner. */
  readonly notBeforeMs: number;
}

/** A frame of up to so many packets is sent at once. */
export const wholePackets = 32;
const roundPackets = 16;
/** From the start of one round to the start of the next. */
const pauseMs = 2;
/** Larger frames get larger rounds: a frame must be out before the next one comes. */
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
