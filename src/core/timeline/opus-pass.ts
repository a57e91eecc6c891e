/**
 * Opus of the source as it is, timed by the exact count of its samples (MEDIA.md 9).
 *
 * Nothing can be resampled here, so the count is never corrected: `skew48k` says by how much it has drifted from the
 * stamps, the sender reports say so to browsers, and they follow it as they follow any sender's clock. Only what is
 * missing is jumped over, and only a count that is far ahead is waited for by leaving packets out.
 */
import { type OpusPacket, readOpusPacket } from '../codec/opus-packet.js';
import { createGapWatch } from './gap-watch.js';

const samplesPerMs = 48;
/** More than this at once is a hole in the source, not drift. */
const holeSamples = 100 * samplesPerMs;
/** While packets are left out, this much of an early count is near enough. */
const alignedSamples = 20 * samplesPerMs;
/** Stamps are whole milliseconds, and unsteady: their mean over this time counts. */
const windowMs = 1000;
/** Share of the mean deviation by which the skew follows. */
const gain = 1 / 2;

export interface OpusPass {
  /** `mediaMs`: the packet's stamp on the media time-line. Null for one that is no Opus, or is left out. */
  push(mediaMs: number, data: Uint8Array): OpusPacket | null;
  /** By how much RTP time is ahead of media time, in samples. */
  readonly skew48k: number;
  /** RTP time of the packet that comes next; null before the first. */
  readonly next48k: number | null;
  readonly counts: Readonly<SoundCounts>;
}

export interface SoundCounts {
  /** Frames that did not decode, or were none. */
  decodeErrors: number;
  /** Holes of the source that were jumped over. */
  jumps: number;
  /** Frames left out because the count of samples was ahead of the source's stamps. */
  dropped: number;
}

/** @param notBefore48k packets begin no earlier: where another codec's ended. */
export function createOpusPass(notBefore48k: number | null): OpusPass {
  let next48k: number | null = null;
  let skew48k = 0;
  let window: { readonly startMs: number; sum: number; count: number } | null = null;
  let isWaiting = false;
  let lastSamples = 0;
  const gaps = createGapWatch();
  const counts: SoundCounts = { decodeErrors: 0, jumps: 0, dropped: 0 };

  const follow = (mediaMs: number, late: number): void => {
    window ??= { startMs: mediaMs, sum: 0, count: 0 };
    window.sum += late;
    window.count += 1;
    if (mediaMs - window.startMs < windowMs) return;
    skew48k -= (window.sum / window.count) * gain;
    window = null;
  };

  /** Where the packet goes; null where it is left out. */
  const place = (mediaMs: number): number | null => {
    const stamp48k = mediaMs * samplesPerMs;
    if (next48k === null) return Math.max(Math.round(stamp48k), notBefore48k ?? Number.NEGATIVE_INFINITY);
    const late = stamp48k + skew48k - next48k;
    if (late < -(isWaiting ? alignedSamples : holeSamples)) {
      isWaiting = true;
      gaps.reset();
      counts.dropped += 1;
      return null;
    }
    isWaiting = false;
    const gap = late > holeSamples ? Math.round(late) : gaps.observe(mediaMs, late);
    if (gap > 0) {
      counts.jumps += 1;
      window = null;
      gaps.reset();
      return next48k + gap;
    }
    follow(mediaMs, late);
    return next48k;
  };

  return {
    counts,
    push(mediaMs, data) {
      const info = readOpusPacket(data);
      if (info === null) {
        counts.decodeErrors += 1;
        // A browser conceals as much as is missing.
        if (next48k !== null && !isWaiting) next48k += lastSamples;
        return null;
      }
      const ts48k = place(mediaMs);
      if (ts48k === null) return null;
      next48k = ts48k + info.samples;
      lastSamples = info.samples;
      return { data, ts48k, samples: info.samples };
    },
    get skew48k() {
      return skew48k;
    },
    get next48k() {
      return next48k;
    },
  };
}
