/**
 * Finds audio and video whose stamps are seconds apart from their arrival, and stay so: that is a fault of the source's
 * clock, for nobody muxes what belongs together seconds apart. Stamps rule below the limit (docs/media.md 9).
 */
import type { Correction } from './arrival-align.js';
import type { SourceTrack } from './stamp-fit.js';

/** Cached frames come at first, with old stamps. */
const settleMs = 1000;
/** The least lag of so long counts: frames come late, in lumps, never early. */
const windowMs = 1500;
/** Two windows in a row must say the same to this. */
const steadyMs = 300;
/** A window of fewer messages of a track says nothing. */
const leastMessages = 3;

export interface OffsetWatch {
  /** Another connection's stamps follow. */
  start(nowMs: number): void;
  /** One message of a track: its place on the line. The correction due with it, if any. */
  observe(track: SourceTrack, mediaMs: number, nowMs: number): Correction | null;
}

/** @param limitMs offsets up to it are the source's own affair; 0: all are. */
export function createOffsetWatch(limitMs: number): OffsetWatch {
  let startMs: number | null = null;
  let lags = emptyLags();
  let lastBehindMs: number | null = null;

  const begin = (atMs: number): void => {
    startMs = atMs;
    lags = emptyLags();
  };

  return {
    start(nowMs) {
      begin(nowMs + settleMs);
      lastBehindMs = null;
    },
    observe(track, mediaMs, nowMs) {
      if (limitMs === 0) return null;
      if (startMs === null) begin(nowMs + settleMs);
      if (startMs === null || nowMs < startMs) return null;
      const lag = lags[track];
      lag.leastMs = Math.min(lag.leastMs, nowMs - mediaMs);
      lag.messages += 1;
      if (nowMs - startMs < windowMs) return null;
      const isKnown = lags.audio.messages >= leastMessages && lags.video.messages >= leastMessages;
      const behindMs = isKnown ? lags.video.leastMs - lags.audio.leastMs : null;
      const isSteady = behindMs !== null && lastBehindMs !== null && Math.abs(behindMs - lastBehindMs) <= steadyMs;
      lastBehindMs = behindMs;
      begin(nowMs);
      if (behindMs === null || !isSteady || Math.abs(behindMs) <= limitMs) return null;
      lastBehindMs = null;
      return { track: behindMs > 0 ? 'video' : 'audio', byMs: Math.abs(behindMs) };
    },
  };
}

const emptyLags = () => ({
  audio: { leastMs: Number.POSITIVE_INFINITY, messages: 0 },
  video: { leastMs: Number.POSITIVE_INFINITY, messages: 0 },
});
