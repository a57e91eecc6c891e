/**
 * Serving many viewers without holding the actor's loop: at most 2 ms at a time, sound first (ARCHITECTURE.md,
 * WebRTC: a key frame of 100 kB to 1,000 viewers is 165 ms of work).
 */
import type { Fanout, TrackKind } from './fanout.js';

const sliceMs = 2;

export interface Slices {
  /** New packets stand in the log of this track. */
  published(track: TrackKind): void;
  close(): void;
}

export function createSlices(fanout: Fanout, onBlocked: (viewerId: string, track: TrackKind) => void): Slices {
  /** The viewer that a round goes on with; null between rounds. */
  const next: Record<TrackKind, number | null> = { audio: null, video: null };
  /** Published while a round was under way: the viewers served by then need another, and nobody is starved by it. */
  const again: Record<TrackKind, boolean> = { audio: false, video: false };
  let scheduled: NodeJS.Immediate | null = null;

  const serve = (track: TrackKind): void => {
    if (next[track] === null) return;
    next[track] = fanout.serve(track, next[track], sliceMs, (viewerId) => onBlocked(viewerId, track));
    if (next[track] !== null || !again[track]) return;
    again[track] = false;
    next[track] = 0;
  };

  const slice = (): void => {
    scheduled = null;
    serve('audio');
    if (next.audio === null) serve('video');
    if (next.audio !== null || next.video !== null) scheduled = setImmediate(slice);
  };

  return {
    published(track) {
      if (next[track] === null) next[track] = 0;
      else again[track] = true;
      if (scheduled === null) slice();
    },
    close() {
      if (scheduled !== null) clearImmediate(scheduled);
      next.audio = null;
      next.video = null;
    },
  };
}
