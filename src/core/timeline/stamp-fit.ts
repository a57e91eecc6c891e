/** Which offset explains a stamp: the rules by which source-clock.ts tells time that goes on from time that jumps. */
import { unwrapNear, wraps24Ms, wraps32Ms } from './unwrap.js';

export type SourceTrack = 'audio' | 'video';

/** What a stamp is taken to mean. */
export interface Meaning {
  readonly mediaMs: number;
  /** Media time = stamp + offset, up to whole wraps. */
  readonly offsetMs: number;
}

/** A track's last message. */
export interface Last extends Meaning {
  readonly atMs: number;
}

export interface PlacedLast extends Last {
  /** Where it was put. */
  readonly placedMs: number;
  /** The offset before the clock stood still; `offsetMs` when it did not. */
  readonly olderOffsetMs: number;
}

/** The first stamp of a track may be this far from the other track (cached frames), or its base is another one. */
const sameBaseMs = 10_000;
/** A step back by more than this is a jump; by less, the track waits. */
const backMs = 500;
/** A step forward by this much more than real time went on is a jump. */
const forwardMs = 1500;
/** A step forward by no more than this beyond real time is no reason to look any further. */
const plainMs = 1000;
/** No jump after all where the stamp comes this near to where the other track is. */
const nearMs = 1000;

export function elapsedMs(last: Last, nowMs: number): number {
  return Math.max(0, nowMs - last.atMs);
}

/** The stamp goes on from the last one as far as time did, more or less. */
export function isPlainStep(stampMs: number, nowMs: number, last: Last): boolean {
  const stepMs = meaning(stampMs, last.offsetMs, last.mediaMs).mediaMs - last.mediaMs;
  return stepMs >= 0 && stepMs <= elapsedMs(last, nowMs) + plainMs;
}

/** Null where the track's clock jumped. */
export function explain(stampMs: number, nowMs: number, last: PlacedLast, other: Last | null): Meaning | null {
  const stood = last.olderOffsetMs !== last.offsetMs;
  if (!stood && isPlainStep(stampMs, nowMs, last)) return meaning(stampMs, last.offsetMs, last.mediaMs);
  const passedMs = elapsedMs(last, nowMs);
  const expectedMs = last.placedMs + passedMs;
  const otherMs = other === null ? Number.NaN : other.mediaMs + elapsedMs(other, nowMs);
  const offsetsMs = [last.offsetMs, last.olderOffsetMs, other?.offsetMs ?? last.offsetMs];
  const fitting = meanings(stampMs, expectedMs, offsetsMs).filter(
    ({ mediaMs }) =>
      (mediaMs >= last.placedMs - backMs && mediaMs <= expectedMs + forwardMs) || Math.abs(mediaMs - otherMs) <= nearMs,
  );
  return nearest(fitting, expectedMs);
}

/**
 * For the first stamp of a track while the other one runs; null where their bases have nothing in common. `apartMs`: how
 * far its offset was from the other's before.
 */
export function explainFirst(stampMs: number, nowMs: number, other: Last, apartMs: number): Meaning | null {
  const otherMs = other.mediaMs + elapsedMs(other, nowMs);
  const offsetsMs = apartMs === 0 ? [other.offsetMs] : [other.offsetMs, other.offsetMs + apartMs];
  const fitting = meanings(stampMs, otherMs, offsetsMs).filter(
    ({ mediaMs }) => Math.abs(mediaMs - otherMs) <= sameBaseMs,
  );
  return nearest(fitting, otherMs);
}

function meaning(stampMs: number, offsetMs: number, nearMs: number): Meaning {
  return { mediaMs: unwrapNear(stampMs + offsetMs, nearMs, wraps32Ms), offsetMs };
}

/** Under each offset, of a clock that wraps at 32 bits and of one that just wrapped at 24. */
function meanings(stampMs: number, expectedMs: number, offsetsMs: readonly number[]): Meaning[] {
  return offsetsMs.flatMap((offsetMs) => {
    const mediaMs = unwrapNear(stampMs + offsetMs, expectedMs, wraps24Ms);
    const wrapsMs = Math.round((mediaMs - stampMs - offsetMs) / wraps24Ms) * wraps24Ms;
    return [meaning(stampMs, offsetMs, expectedMs), { mediaMs, offsetMs: offsetMs + wrapsMs }];
  });
}

function nearest(found: readonly Meaning[], expectedMs: number): Meaning | null {
  return found.reduce<Meaning | null>((best, next) => {
    if (best === null) return next;
    return Math.abs(next.mediaMs - expectedMs) < Math.abs(best.mediaMs - expectedMs) ? next : best;
  }, null);
}
