/**
 * Holds the first moments of a source until its reports have said how audio and video belong together: a server that sends a
 * cached GOP first sends video and audio of different times at once.
 */
import type { ReceivedTrack } from './sender-clock.js';

/** A frame, or the frames of a packet, that has no stamp yet. */
export interface Untimed {
  readonly track: ReceivedTrack;
  readonly rtpTs: number;
  readonly clockHz: number;
  readonly arrivedMs: number;
  /** Of an FLV tag. */
  readonly body: Uint8Array;
}

/** Most senders report within a second; browsers on audio each five. */
const mostMs = 1500;
const mostBytes = 16_777_216;

export interface ReportHold {
  add(one: Untimed): void;
  reported(track: ReceivedTrack): void;
  /** What goes on now, in order of arrival. */
  release(nowMs: number): readonly Untimed[];
}

/** Where one track is expected there is nothing to wait for. */
export function createReportHold(expected: ReadonlySet<ReceivedTrack>): ReportHold {
  const unreported = new Set(expected.size > 1 ? expected : []);
  let held: Untimed[] = [];
  let heldBytes = 0;
  let sinceMs: number | null = null;

  return {
    add(one) {
      sinceMs ??= one.arrivedMs;
      held.push(one);
      heldBytes += one.body.length;
    },
    reported: (track) => void unreported.delete(track),
    release(nowMs) {
      if (sinceMs !== null && (nowMs - sinceMs >= mostMs || heldBytes > mostBytes)) unreported.clear();
      if (unreported.size > 0 || held.length === 0) return [];
      const released = held;
      held = [];
      heldBytes = 0;
      return released;
    },
  };
}
