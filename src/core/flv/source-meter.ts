/**
 * Counts what a source sends, whether somebody watches or not: the `metrics` of WCS's /stream/find (docs/wcs.md 1.3). Pure:
 * the caller brings the time.
 */
import { WireError } from '../bytes/wire-error.js';
import type { VideoTag } from './video-tag.js';

interface TrackCounts {
  readonly rateBps: number;
  /** The source's own timestamp of the newest message, ms. */
  readonly stampMs: number;
}

export interface SourceMetrics {
  readonly audio: TrackCounts;
  readonly video: TrackCounts & {
    readonly keyframes: number;
    readonly pFrames: number;
    /** Frames that are shown before one that came earlier. */
    readonly bFrames: number;
    /** Frames of the newest whole GOP; 0 before the second keyframe. */
    readonly gopFrames: number;
    /** By the source's timestamps: from keyframe to keyframe, or from the newest on where that is longer; 0 before there is one. */
    readonly keyframeIntervalMs: number;
    readonly fps: number;
  };
}

export interface SourceMeter {
  /** `timestampMs`: the source's own; `body`: of an FLV tag. What cannot be parsed is no frame. */
  saw(track: 'audio' | 'video', timestampMs: number, body: Uint8Array, nowMs: number): void;
  metrics(nowMs: number): SourceMetrics;
}

/** Rates are of the last whole second, and 0 when that is long ago. */
const windowMs = 1000;
const staleMs = 3000;

/** `readVideoTag`: as parseVideoTag. */
export function createSourceMeter(readVideoTag: (body: Uint8Array) => VideoTag): SourceMeter {
  const audio = createTrackMeter();
  const video = createTrackMeter();
  const counts = { keyframes: 0, pFrames: 0, bFrames: 0, gopFrames: 0 };
  let framesInGop = 0;
  let gopMs = 0;
  let keyframeMs: number | null = null;
  let lastShownMs = Number.NEGATIVE_INFINITY;

  const countFrame = (isKeyframe: boolean, timestampMs: number, shownMs: number): void => {
    if (isKeyframe) {
      if (counts.keyframes > 0) counts.gopFrames = framesInGop;
      if (keyframeMs !== null) gopMs = timestampMs - keyframeMs;
      keyframeMs = timestampMs;
      counts.keyframes += 1;
      framesInGop = 0;
    } else if (shownMs < lastShownMs) counts.bFrames += 1;
    else counts.pFrames += 1;
    framesInGop += 1;
    lastShownMs = isKeyframe ? shownMs : Math.max(lastShownMs, shownMs);
  };

  return {
    saw(track, timestampMs, body, nowMs) {
      if (track === 'audio') {
        audio.saw(timestampMs, body.length, 1, nowMs);
        return;
      }
      const frame = frameOf(body, readVideoTag);
      video.saw(timestampMs, body.length, frame === null ? 0 : 1, nowMs);
      if (frame !== null) countFrame(frame.isKeyframe, timestampMs, timestampMs + frame.compositionTimeMs);
    },
    metrics(nowMs) {
      const { rateBps, fps, stampMs } = video.counts(nowMs);
      const heard = audio.counts(nowMs);
      return {
        audio: { rateBps: heard.rateBps, stampMs: heard.stampMs },
        video: {
          ...counts,
          keyframeIntervalMs: Math.max(0, gopMs, stampMs - (keyframeMs ?? stampMs)),
          rateBps,
          stampMs,
          fps,
        },
      };
    },
  };
}

function createTrackMeter() {
  let stampMs = 0;
  let startMs: number | null = null;
  let bytes = 0;
  let frames = 0;
  let rateBps = 0;
  let fps = 0;

  return {
    saw(timestampMs: number, sizeBytes: number, frameCount: number, nowMs: number): void {
      startMs ??= nowMs;
      const tookMs = nowMs - startMs;
      if (tookMs >= windowMs) {
        rateBps = Math.round((bytes * 8000) / tookMs);
        fps = Math.round((frames * 1000) / tookMs);
        startMs = nowMs;
        bytes = 0;
        frames = 0;
      }
      stampMs = timestampMs;
      bytes += sizeBytes;
      frames += frameCount;
    },
    counts(nowMs: number): TrackCounts & { readonly fps: number } {
      const isStale = startMs === null || nowMs - startMs >= staleMs;
      return isStale ? { rateBps: 0, stampMs, fps: 0 } : { rateBps, stampMs, fps };
    },
  };
}

function frameOf(
  body: Uint8Array,
  readVideoTag: (body: Uint8Array) => VideoTag,
): (VideoTag & { readonly kind: 'frame' }) | null {
  try {
    const tag = readVideoTag(body);
    return tag.kind === 'frame' ? tag : null;
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
