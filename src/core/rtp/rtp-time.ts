import { type AudioEncoding, encodingClockHz, type SentTrack } from '../codec/audio-encoding.js';

const wrap = 2 ** 32;

/** Where the RTP times of a stream's tracks begin, at random (RFC 3550 5.1). */
export interface RtpOffsets {
  readonly audio: number;
  readonly video: number;
}

/** The track's RTP time; `skews48k`: by how much the samples of each encoding of the audio run ahead of media time. */
export function trackRtpTime(
  track: SentTrack,
  mediaMs: number,
  offsets: RtpOffsets,
  skews48k: Readonly<Record<AudioEncoding, number>>,
): number {
  if (track === 'video') return rtpTime(mediaMs, 90_000, offsets.video);
  return rtpTime(mediaMs + skews48k[track] / 48, encodingClockHz[track], offsets.audio);
}

/** True when the RTP time `one` comes behind `other`: less than half of all times further (RFC 3550 5.1). */
export function isLaterRtpTime(one: number, other: number): boolean {
  const distance = (one - other) >>> 0;
  return distance > 0 && distance < wrap / 2;
}

/**
 * RTP time of a media time: unsigned, 32 bits, rounded to the nearest tick (RFC 3550 5.1).
 *
 * @param mediaMs may be a fraction, negative, or years.
 * @param offset the track's random start, in ticks.
 */
export function rtpTime(mediaMs: number, clockRateHz: number, offset: number): number {
  // Whole seconds apart, so that no product outgrows the 53 bits of a number.
  const seconds = Math.floor(mediaMs / 1000);
  const ticks = ((seconds * clockRateHz) % wrap) + Math.round(((mediaMs - seconds * 1000) * clockRateHz) / 1000);
  return (((ticks + offset) % wrap) + wrap) % wrap;
}
