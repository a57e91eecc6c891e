/**
 * Serves many viewers without blocking the thread's event loop: at most 2 ms at a time, audio first (ARCHITECTURE.md, WebRTC: a
 * keyframe of 100 kB to 1,000 viewers takes 165 ms). Each round brings all viewers to the same packet, which rounds.ts chooses.
 */
import type { PacketReader } from '../../src/core/rtp/packet-reader.js';
import type { Fanout } from './fanout.js';
import { nextRound, roundsFrom } from './rounds.js';
import type { TrackKind } from './subscriber.js';

const sliceMs = 2;

export interface Slices {
  /** New packets stand in a log. */
  published(): void;
  close(): void;
}

export interface SlicesOptions {
  readonly fanout: Fanout;
  readonly audioHistory: PacketReader;
  readonly videoHistory: PacketReader;
  readonly nowMs: () => number;
}

interface Round {
  /** The number of the subscriber to go on with; null between rounds. */
  next: number | null;
  /** The packet that it brings them to. */
  end: number;
}

export function createSlices({ fanout, audioHistory, videoHistory, nowMs }: SlicesOptions): Slices {
  const round: Record<TrackKind, Round> = {
    audio: { next: null, end: audioHistory.end },
    video: { next: null, end: videoHistory.end },
  };
  let rounds = roundsFrom(videoHistory.end);
  let scheduled: NodeJS.Immediate | null = null;
  let pause: NodeJS.Timeout | null = null;

  const released = (track: TrackKind): number => {
    if (track === 'audio') return audioHistory.end;
    rounds = nextRound(rounds, videoHistory, nowMs());
    return rounds.released;
  };

  const begin = (track: TrackKind): void => {
    const end = released(track);
    if (end !== round[track].end) round[track] = { next: 0, end };
  };

  /** Packets that are published during a round wait for the next one, so that no viewer starves. */
  const serve = (track: TrackKind): void => {
    if (round[track].next === null) begin(track);
    const { next, end } = round[track];
    if (next === null) return;
    round[track].next = fanout.serve(track, next, end, sliceMs);
    if (round[track].next === null) begin(track);
  };

  const slice = (): void => {
    scheduled = null;
    serve('audio');
    if (round.audio.next === null) serve('video');
    if (round.audio.next !== null || round.video.next !== null) scheduled = setImmediate(slice);
    else if (rounds.released < videoHistory.end)
      pause ??= setTimeout(resume, Math.max(1, rounds.notBeforeMs - nowMs()));
  };

  const resume = (): void => {
    pause = null;
    if (scheduled === null) slice();
  };

  return {
    published() {
      if (scheduled === null) slice();
    },
    close() {
      if (scheduled !== null) clearImmediate(scheduled);
      if (pause !== null) clearTimeout(pause);
      round.audio.next = null;
      round.video.next = null;
    },
  };
}
