/**
 * Puts two tracks beside each other whose stamps have nothing to do with one another: only their arrival says.
 *
 * A track's least lag over some time is taken, since cached frames and lumps arrive late but nothing arrives early.
 * The track that lags more is moved forward, never the other back. Twice only: after that, differing jitter would
 * push the tracks ahead in turn, for ever.
 */
import type { SourceTrack } from './stamp-fit.js';

const windowMs = 800;
const rounds = 2;
/** Less than this is jitter. */
const worthMs = 10;

export interface Correction {
  readonly track: SourceTrack;
  /** How far to move it forward. */
  readonly byMs: number;
}

export interface ArrivalAlign {
  /** Begins again. */
  start(nowMs: number): void;
  stop(): void;
  /** One message of a track: its place on the line. The correction due with it, if any. */
  observe(track: SourceTrack, mediaMs: number, nowMs: number): Correction | null;
}

export function createArrivalAlign(): ArrivalAlign {
  let roundsLeft = 0;
  let sinceMs = 0;
  const leastLagMs = { audio: Number.POSITIVE_INFINITY, video: Number.POSITIVE_INFINITY };

  const open = (nowMs: number): void => {
    sinceMs = nowMs;
    leastLagMs.audio = Number.POSITIVE_INFINITY;
    leastLagMs.video = Number.POSITIVE_INFINITY;
  };

  return {
    start(nowMs) {
      roundsLeft = rounds;
      open(nowMs);
    },
    stop() {
      roundsLeft = 0;
    },
    observe(track, mediaMs, nowMs) {
      if (roundsLeft === 0) return null;
      leastLagMs[track] = Math.min(leastLagMs[track], nowMs - mediaMs);
      const behindMs = leastLagMs.video - leastLagMs.audio;
      if (nowMs - sinceMs < windowMs || !Number.isFinite(behindMs)) return null;
      roundsLeft -= 1;
      open(nowMs);
      return { track: behindMs > 0 ? 'video' : 'audio', byMs: Math.abs(behindMs) < worthMs ? 0 : Math.abs(behindMs) };
    },
  };
}
