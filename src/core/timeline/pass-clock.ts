/**
 * The time of audio that goes through as it is, by the exact count of its samples (docs/media.md 9).
 *
 * Nothing can be resampled here, so the count is never corrected: `skew48k` says by how much it has drifted from the
 * stamps, the sender reports say so to browsers, and they follow it as they follow any sender's clock. Only what is
 * missing is jumped over, and only a count that is far ahead is waited for by leaving frames out.
 */

import type { AudioCounts, AudioPacket } from './audio-packet.js';
import { createGapWatch } from './gap-watch.js';

const samplesPerMs = 48;
/** More than this at once is a hole in the source, not drift. */
export const holeSamples = 100 * samplesPerMs;
/** While frames are left out, this much of an early count is near enough. */
const alignedSamples = 20 * samplesPerMs;
/** Stamps are whole milliseconds, and unsteady: their mean over this time counts. */
const windowMs = 1000;
/** Share of the mean deviation by which the skew follows. */
const gain = 1 / 2;

/** Audio of the source that is sent untouched. */
export interface AudioPass {
  /**
   * `mediaMs`: the frame's stamp on the media timeline; null: it has none, and begins where the last one ended. None for one
   * that is not of this codec, or is left out.
   */
  push(mediaMs: number | null, data: Uint8Array): readonly AudioPacket[];
  /** By how much RTP time is ahead of media time, in samples of 48 kHz. */
  readonly skew48k: number;
  /** RTP time of the packet that comes next; null before the first. */
  readonly next48k: number | null;
  readonly counts: Readonly<AudioCounts>;
}

export interface PassClock extends Pick<AudioPass, 'skew48k' | 'next48k' | 'counts'> {
  /** Where the frame of so many samples goes that is stamped so (null: not at all); null where it is left out. */
  place(mediaMs: number | null, samples: number): number | null;
  /** A frame came that is none: as long as the last one, a browser conceals what is missing. */
  damaged(mediaMs: number | null): void;
}

/**
 * @param notBefore48k frames begin no earlier: where another codec's ended.
 * @param tick48k samples of 48 kHz in one of the codec's own: frames begin at a multiple of it.
 */
export function createPassClock(notBefore48k: number | null, tick48k: number): PassClock {
  let next48k: number | null = null;
  /** Where the last frame ends by its stamp and its length. */
  let endMs: number | null = null;
  let skew48k = 0;
  let window: { readonly startMs: number; sum: number; count: number } | null = null;
  let isWaiting = false;
  let lastSamples = 0;
  const gaps = createGapWatch();
  const counts: AudioCounts = { decodeErrors: 0, jumps: 0, dropped: 0 };

  const whole = (samples: number): number => Math.ceil(Math.round(samples) / tick48k) * tick48k;

  const follow = (mediaMs: number, late: number): void => {
    window ??= { startMs: mediaMs, sum: 0, count: 0 };
    window.sum += late;
    window.count += 1;
    if (mediaMs - window.startMs < windowMs) return;
    skew48k -= (window.sum / window.count) * gain;
    window = null;
  };

  const find = (mediaMs: number): number | null => {
    const stamp48k = mediaMs * samplesPerMs;
    if (next48k === null) return whole(Math.max(stamp48k, notBefore48k ?? Number.NEGATIVE_INFINITY));
    const late = stamp48k + skew48k - next48k;
    if (late < -(isWaiting ? alignedSamples : holeSamples)) {
      isWaiting = true;
      gaps.reset();
      counts.dropped += 1;
      return null;
    }
    isWaiting = false;
    const gap = late > holeSamples ? late : gaps.observe(mediaMs, late);
    if (gap > 0) {
      counts.jumps += 1;
      window = null;
      gaps.reset();
      return next48k + whole(gap);
    }
    follow(mediaMs, late);
    return next48k;
  };

  return {
    counts,
    place(mediaMs, samples) {
      const atMs = mediaMs ?? endMs;
      if (atMs === null) return null;
      endMs = atMs + samples / samplesPerMs;
      const ts48k = find(atMs);
      if (ts48k === null) return null;
      next48k = ts48k + samples;
      lastSamples = samples;
      return ts48k;
    },
    damaged(mediaMs) {
      counts.decodeErrors += 1;
      const atMs = mediaMs ?? endMs;
      endMs = atMs === null ? null : atMs + lastSamples / samplesPerMs;
      if (next48k !== null && !isWaiting) next48k += lastSamples;
    },
    get skew48k() {
      return skew48k;
    },
    get next48k() {
      return next48k;
    },
  };
}
