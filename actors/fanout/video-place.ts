/**
 * Where one viewer stands in the picture's RTP history, and what to send it next. A pure machine: the distributor asks
 * it, and moves the fan-out's cursor accordingly.
 *
 * - waiting: nothing is sent until there is a keyframe at `from` or behind it.
 * - pacing: a cached burst goes out over some time, so that it does not flood the viewer's receive buffer.
 * - live: each frame goes out as it comes.
 * - blocked: the socket took no more. Nothing is kept for the viewer: the history itself is its queue.
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
      readonly sent: number;
    }
  | { readonly kind: 'live' }
  | { readonly kind: 'blocked' };

/** Nobody has a turn more often: a burst of less time is not spread any more. */
const turnMs = 2;

export type Pacing = Extract<VideoPlace, { kind: 'pacing' }>;

/**
 * So many packets take `joinPaceMs`: 120 of 1,200 bytes in 30 ms are 38 Mbit/s. Firefox, busy with its first frames,
 * stops reading for more than the 11 ms that its buffer stands of twice as much.
 */
const packetsPerPace = 120;

/** A burst of what lies between the cursor and the end of the log. */
export function startPacing(history: VideoHistory, cursor: number, joinPaceMs: number, nowMs: number): Pacing {
  const packets = history.end - cursor;
  const paceMs = (joinPaceMs * packets) / packetsPerPace;
  return { kind: 'pacing', startMs: nowMs, paceMs, packets, sent: 0 };
}

/**
 * How many of the `rest` packets of the history are due and not sent yet: at least one, and when the time of the burst is
 * over all of them. But what came meanwhile to a long burst is another one: goOn makes it.
 */
export function duePackets(place: Pacing, rest: number, nowMs: number): number {
  const share = place.paceMs <= 0 ? 1 : (nowMs - place.startMs) / place.paceMs;
  if (share < 1) return Math.max(1, Math.ceil(place.packets * share) - place.sent);
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
  const next = startPacing(history, cursor, joinPaceMs, nowMs);
  return { ...next, paceMs: Math.min(next.paceMs, place.paceMs / 2) };
}

/**
 * Where a viewer goes on that was blocked, or whose packets left the history meanwhile: the newest keyframe when there
 * is one beyond its cursor, else where it stood. Null: it must wait for a keyframe.
 */
export function resumeAt(history: VideoHistory, cursor: number): number | null {
  if (history.gopStart !== null && history.gopStart > cursor) return history.gopStart;
  return cursor >= history.first ? cursor : null;
}
