/**
 * Where a viewer stands in the video's RTP history, and how much it is sent next. A pure machine: the subscription asks it and
 * moves its cursor.
 *
 * - waiting: nothing is sent until there is a keyframe at `from` or later.
 * - pacing: the cached GOP is sent over some time, so that it does not overflow the viewer's receive buffer.
 * - live: each frame is sent as it comes.
 * - blocked: the socket's queue is full. Nothing is queued for the viewer: the history is its queue.
 */
import { wholePackets } from './rounds.js';

export interface VideoHistory {
  readonly first: number;
  readonly end: number;
  readonly gopStart: number | null;
}

export type VideoPlace =
  | { readonly kind: 'waiting'; readonly from: number }
  | {
      readonly kind: 'pacing';
      readonly startMs: number;
      readonly paceMs: number;
      readonly packets: number;
      /** By so many packets it may be ahead of its pace. */
      readonly ahead: number;
      readonly sent: number;
    }
  | { readonly kind: 'live' }
  | { readonly kind: 'blocked' };

/** Nobody has a turn more often: a burst of less time is not spread any more. */
const turnMs = 2;

export type Pacing = Extract<VideoPlace, { kind: 'pacing' }>;

/**
 * This many packets take `joinPaceMs`: 120 of 1,200 bytes in 30 ms are 38 Mbit/s. While Firefox decodes its first frames it
 * does not read for more than 11 ms, in which twice this rate would fill its receive buffer.
 */
const packetsPerPace = 120;

/**
 * A viewer's first burst begins with so many at once, 38 kB: as many as each frame later may bring. A queue of 10 Mbit/s holds
 * them for 30 ms, as it does a frame.
 */
export const headStart = wholePackets;
/**
 * There the burst waits for its pace: a browser that has not read since the first packet must lose none sooner than it would without
 * a head start. Its receive buffer holds some 90, and other packets come too.
 */
const aheadUpTo = 80;

/** A burst of what lies between the cursor and the end of the log, which may be `ahead` of its pace by so many packets. */
export function startPacing(
  history: VideoHistory,
  cursor: number,
  joinPaceMs: number,
  nowMs: number,
  ahead = 0,
): Pacing {
  const packets = history.end - cursor;
  const paceMs = (joinPaceMs * packets) / packetsPerPace;
  return { kind: 'pacing', startMs: nowMs, paceMs, packets, ahead, sent: 0 };
}

/**
 * The packets of a burst left the history before they were sent: keyframes come faster than bursts end. One from `cursor` on in
 * its place takes half the time at most, so that one of them ends.
 */
export function beginAgain(
  place: Pacing,
  history: VideoHistory,
  cursor: number,
  joinPaceMs: number,
  nowMs: number,
): Pacing {
  const next = startPacing(history, cursor, joinPaceMs, nowMs);
  return { ...next, paceMs: Math.min(next.paceMs, place.paceMs / 2) };
}

/**
 * How many of the `rest` packets of the history are due and not sent yet: at least one, unless it is ahead of its pace, and when the
 * time of the burst is over all of them. But what came meanwhile to a long burst is another one: goOn makes it.
 */
export function duePackets(place: Pacing, rest: number, nowMs: number): number {
  const share = place.paceMs <= 0 ? 1 : (nowMs - place.startMs) / place.paceMs;
  if (share < 1) {
    const paced = Math.ceil(place.packets * share);
    const early = place.ahead === 0 ? 0 : Math.min(paced + place.ahead, aheadUpTo, place.packets);
    return early > paced ? Math.max(0, early - place.sent) : Math.max(1, paced - place.sent);
  }
  const planned = place.packets - place.sent;
  return rest - planned <= wholePackets || place.paceMs < turnMs ? rest : planned;
}

/** After `sent` more packets of the burst: live at the end of the log. */
export function goOn(
  place: Pacing,
  sent: number,
  history: VideoHistory,
  cursor: number,
  joinPaceMs: number,
  nowMs: number,
): VideoPlace {
  if (cursor >= history.end) return { kind: 'live' };
  const inAll = place.sent + sent;
  if (inAll < place.packets) return { ...place, sent: inAll };
  // At most half the time of the burst before: whatever the stream's bitrate is, there is an end.
  return beginAgain(place, history, cursor, joinPaceMs, nowMs);
}

/**
 * Where a viewer continues that was blocked, or whose packets left the history: at the newest keyframe if that is beyond its
 * cursor, else at its cursor. Null: it must wait for a keyframe.
 */
export function resumeAt(history: VideoHistory, cursor: number): number | null {
  if (history.gopStart !== null && history.gopStart > cursor) return history.gopStart;
  return cursor >= history.first ? cursor : null;
}
