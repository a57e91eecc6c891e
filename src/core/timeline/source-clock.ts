/**
 * Places the stamps of one source on a media timeline that lasts as long as its pull.
 *
 * Stamps say where audio and video belong, arrival does not (docs/media.md 9): sources deliver in lumps. So the line is
 * the stamps plus one offset for both tracks, and arrival decides only where stamps cannot: after a jump, where the
 * bases of the two tracks differ, and where a clock stands still. And where the tracks
 * stay seconds apart from their arrival (offset-watch.ts). Each track looks for itself which offset explains
 * its stamp, its own or the one that the other track has just found. By that a jump that both make leaves them exactly
 * as far from each other as the source says, whichever arrives first, and a false stamp heals with the next one.
 */
import { type Correction, createArrivalAlign } from './arrival-align.js';
import { createMinLag } from './min-lag.js';
import { createOffsetWatch } from './offset-watch.js';
import {
  elapsedMs,
  explain,
  explainFirst,
  isPlainStep,
  type Last,
  type Meaning,
  type PlacedLast,
  type SourceTrack,
} from './stamp-fit.js';
import { lineWord, newLine } from './stream-timeline.js';
import { unwrapNear, wraps32Ms } from './unwrap.js';

export interface SourceClock {
  /**
   * The media time of a message, in ms: 0 or more, may have a fraction, later than the last one of its track.
   *
   * @param timestampMs as received: unsigned, 32 bits, or 24 of a peer that wraps there.
   * @param nowMs monotonic time of arrival.
   */
  place(track: SourceTrack, timestampMs: number, nowMs: number): number;
  /** How far the stamps of the tracks were moved against each other; positive: those of the video forward. */
  readonly movedMs: number;
  /** Another connection's stamps follow. The line goes on as far as real time went on since the last message. */
  newSession(nowMs: number): void;
  /**
   * The first message of the session is so late: those that follow will catch up. Until they have, video is put where the
   * line is, so that none of it is late.
   */
  startLate(lateMs: number): void;
}

/** Where the first message stands, so that the other track may begin earlier. */
const startMs = 10_000;
/** The step of a track that waits: two frames never share their time. */
const leastStepMs = 1;
/** Less than this is jitter. */
const inTimeMs = 20;
/** Offsets that differ by no more than this are one: what arrival tells apart is jitter. */
const sameOffsetMs = 250;
/** A clock stands still when this many messages over this time have the same stamp, but for how it is rounded. */
const stuckMessages = 4;
const stuckMs = 250;
const roundingMs = 1;
/** So many stamps in a row that all jump are of no clock of milliseconds. */
const mostJumps = 3;
/** So many in a row, each before the last, are of a clock that runs backwards. */
const mostBack = 8;

/** A track's last message in the present session. */
interface Live extends Last {
  /** Of the first of the messages that have the same stamp. */
  readonly stampMs: number;
  /** How many they are, and the first. */
  readonly same: number;
  readonly first: Last;
  /** How many stamps in a row had another offset than the one before. */
  readonly jumps: number;
  /** How many in a row were before the last. */
  readonly back: number;
}

interface Track {
  live: Live | null;
  /** Of the last message in any session. */
  placedMs: number;
}

/**
 * @param maxApartMs stamps of the tracks that stay further apart, against their arrival, are moved; 0: none are.
 * @param line the timeline to go on with, and to keep up to date (stream-timeline.ts).
 */
export function createSourceClock(maxApartMs: number, line: Float64Array = newLine()): SourceClock {
  const audio: Track = { live: null, placedMs: Number.NEGATIVE_INFINITY };
  const video: Track = { live: null, placedMs: Number.NEGATIVE_INFINITY };
  const align = createArrivalAlign();
  const watch = createOffsetWatch(maxApartMs);
  /** Of this source's clock, in earlier sessions too. */
  let movedMs = 0;

  const hasLine = (): boolean => (line[lineWord.atMs] ?? -1) >= 0;
  const reached = (): number => line[lineWord.mediaMs] ?? 0;
  const extend = (mediaMs: number, nowMs: number): void => {
    line[lineWord.mediaMs] = mediaMs;
    line[lineWord.atMs] = nowMs;
  };
  const lineAt = (nowMs: number): number =>
    hasLine() ? reached() + Math.max(0, nowMs - (line[lineWord.atMs] ?? nowMs)) : startMs;

  const lags = createMinLag();
  let lateMs = 0;
  /** Where the line was when a session began late, and when, until its video has caught up. */
  let behind: { readonly mediaMs: number; readonly atMs: number } | null = null;

  /** Where a frame of the video stands that came late, at the start of a session. */
  const caughtUp = (name: SourceTrack, mediaMs: number, nowMs: number): number => {
    if (behind === null || name !== 'video') return mediaMs;
    const dueMs = behind.mediaMs + nowMs - behind.atMs;
    if (mediaMs >= dueMs - inTimeMs) behind = null;
    return behind === null ? mediaMs : dueMs;
  };

  /** Only arrival says where this stamp belongs. */
  const putAt = (mediaMs: number, stampMs: number, nowMs: number, other: Live | null): Meaning => {
    if (other !== null) align.start(nowMs);
    lags.reset();
    return { mediaMs, offsetMs: mediaMs - stampMs };
  };

  const begin = (name: SourceTrack, stampMs: number, nowMs: number, other: Live | null): Meaning => {
    if (other === null) {
      if (lateMs > 0) behind = { mediaMs: lineAt(nowMs), atMs: nowMs };
      return putAt(lineAt(nowMs) - lateMs, stampMs, nowMs, null);
    }
    return (
      explainFirst(stampMs, nowMs, other, name === 'video' ? movedMs : -movedMs) ??
      putAt(other.mediaMs + elapsedMs(other, nowMs), stampMs, nowMs, other)
    );
  };

  const goOn = (stampMs: number, nowMs: number, live: Live, placedMs: number, other: Live | null): Meaning => {
    const { mediaMs, offsetMs, atMs, first } = live;
    const standsMs = nowMs - first.atMs;
    if (isSame(live, stampMs) && live.same + 1 >= stuckMessages && standsMs >= stuckMs) {
      return putAt(first.mediaMs + standsMs, stampMs, nowMs, other);
    }
    const isNoClock = live.jumps >= mostJumps && !isPlainStep(stampMs, nowMs, live);
    if (isNoClock || (live.back >= mostBack && stampMs < live.stampMs))
      return putAt(lineAt(nowMs), stampMs, nowMs, other);
    const last: PlacedLast = { mediaMs, offsetMs, atMs, placedMs, olderOffsetMs: first.offsetMs };
    return explain(stampMs, nowMs, last, other) ?? putAt(placedMs + elapsedMs(last, nowMs), stampMs, nowMs, other);
  };

  const correct = ({ track, byMs }: Correction): void => {
    if (track === 'audio') audio.live = moved(audio.live, video.live, byMs);
    else video.live = moved(video.live, audio.live, byMs);
  };

  return {
    get movedMs() {
      return movedMs;
    },
    place(name, stampMs, nowMs) {
      const track = name === 'audio' ? audio : video;
      const other = name === 'audio' ? video : audio;
      const { live, placedMs } = track;
      const meaning =
        live === null ? begin(name, stampMs, nowMs, other.live) : goOn(stampMs, nowMs, live, placedMs, other.live);
      track.live = remember(live, meaning, stampMs, nowMs);
      track.placedMs = Math.max(caughtUp(name, meaning.mediaMs, nowMs), placedMs + leastStepMs);
      const farthestMs = Math.max(reached(), track.placedMs);
      // When it would have come without delay: the line goes on from there, whatever stall came before a session's end.
      extend(farthestMs, Math.min(nowMs, farthestMs + lags.observe(nowMs - track.placedMs, nowMs)));
      if (meaning.offsetMs === other.live?.offsetMs) align.stop();
      const correction = align.observe(name, meaning.mediaMs, nowMs);
      if (correction !== null) correct(correction);
      const apart = watch.observe(name, meaning.mediaMs, nowMs);
      if (apart !== null) {
        correct(apart);
        movedMs += apart.track === 'video' ? apart.byMs : -apart.byMs;
      }
      return track.placedMs;
    },
    startLate(ms) {
      lateMs = ms;
    },
    newSession(nowMs) {
      audio.live = null;
      video.live = null;
      align.stop();
      watch.start(nowMs);
      lateMs = 0;
      behind = null;
      if (hasLine()) extend(lineAt(nowMs), nowMs);
    },
  };
}

function remember(last: Live | null, { mediaMs, offsetMs }: Meaning, stampMs: number, atMs: number): Live {
  if (last !== null && isSame(last, stampMs)) {
    return {
      mediaMs,
      offsetMs,
      atMs,
      stampMs: last.stampMs,
      same: last.same + 1,
      first: last.first,
      jumps: last.jumps,
      back: last.back,
    };
  }
  const jumps = last === null || last.offsetMs === offsetMs ? 0 : last.jumps + 1;
  const back = last === null || stampMs > last.stampMs ? 0 : last.back + 1;
  return { mediaMs, offsetMs, atMs, stampMs, same: 1, first: { mediaMs, offsetMs, atMs }, jumps, back };
}

function isSame(last: Live, stampMs: number): boolean {
  return Math.abs(stampMs - last.stampMs) <= roundingMs;
}

/** A track put beside the other one, and on the same offset where they turn out to have the same base. */
function moved(live: Live | null, other: Live | null, byMs: number): Live | null {
  if (live === null || other === null) return live;
  const { first } = live;
  const wantedMs = live.offsetMs + byMs;
  const isSame = Math.abs(unwrapNear(wantedMs - other.offsetMs, 0, wraps32Ms)) <= sameOffsetMs;
  const offsetMs = isSame ? other.offsetMs : wantedMs;
  const mediaMs = live.mediaMs + byMs;
  return { ...live, mediaMs, offsetMs, first: first.offsetMs === live.offsetMs ? { ...first, offsetMs } : first };
}
