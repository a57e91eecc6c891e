/**
 * How long a source may be silent before it is dialled again: rtmp.silenceTimeoutMs for most, and for one that sends a frame
 * every few seconds several times the distance of its frames, as it was seen. Kept from session to session.
 */
import type { ErrorCode } from '../../src/errors.js';

/** Several of its own distances: a frame late is no loss. */
const distances = 3;
/** A gap from this part of the usual patience on is a long one. */
const longShare = 1 / 4;
/** What was seen longer ago than some of these counts little. */
const halfLifeMs = 30_000;
/** So many moments of media make a session that says something. */
const enough = 3;
/** Of a source that is lost before that: a server may hold all back until its next keyframe. */
const mostDoublings = 2;

export interface PatienceOptions {
  /** rtmp.silenceTimeoutMs. */
  readonly usualMs: number;
  /** rtmp.maxSilenceTimeoutMs. */
  readonly mostMs: number;
}

export interface Patience {
  readonly ms: number;
  newSession(): void;
  /** Audio or video of this stamp came. `nowMs`: monotonic. */
  media(stampMs: number, nowMs: number): void;
  /** A session is over. */
  failed(reason: ErrorCode): void;
}

export function createPatience({ usualMs, mostMs }: PatienceOptions): Patience {
  let doublings = 0;
  let moments = 0;
  let last: { readonly stampMs: number; readonly atMs: number } | null = null;
  /** Of the time that was watched, lately: how much in all, in long gaps, and in how many of them. */
  let seen = { allMs: 0, longMs: 0, longGaps: 0 };

  const watch = (gapMs: number): void => {
    const kept = 0.5 ** (gapMs / halfLifeMs);
    const isLong = gapMs >= usualMs * longShare;
    seen = {
      allMs: seen.allMs * kept + gapMs,
      longMs: seen.longMs * kept + (isLong ? gapMs : 0),
      longGaps: seen.longGaps * kept + (isLong ? 1 : 0),
    };
  };
  /** 0 where most of the time passes in short gaps. */
  const distanceMs = (): number => (seen.longMs * 2 <= seen.allMs ? 0 : seen.longMs / seen.longGaps);

  return {
    get ms() {
      const neededMs = Math.max(usualMs * 2 ** doublings, distanceMs() * distances);
      return Math.max(usualMs, Math.min(mostMs, neededMs));
    },
    newSession() {
      moments = 0;
      last = null;
    },
    media(stampMs, nowMs) {
      // A configuration and its frame are one moment.
      if (last !== null && last.stampMs === stampMs) return;
      if (last !== null) watch(nowMs - last.atMs);
      last = { stampMs, atMs: nowMs };
      moments += 1;
      if (moments >= enough) doublings = 0;
    },
    failed(reason) {
      const isSilence = reason === 'source.noMedia' || reason === 'source.stalled';
      if (isSilence && moments < enough) doublings = Math.min(mostDoublings, doublings + 1);
    },
  };
}
