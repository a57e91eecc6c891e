/**
 * Where the time of a stream stands, in shared memory, so that its next thread goes on in the same RTP time (RFC 3550 5.1: a
 * timestamp runs on for as long as its SSRC lives).
 */
import type { RtpOffsets } from '../rtp/rtp-time.js';

/** The words of the media timeline: how far it got, in ms, and when, in monotonic ms of the machine; -1: nothing came yet. */
export const lineWord = { mediaMs: 0, atMs: 1 } as const;

/** A timeline on which nothing is yet. */
export const newLine = (): Float64Array => Float64Array.of(0, -1);

const lineAt = 2;

export interface StreamTimeline {
  /** Where the RTP times of its tracks begin. */
  readonly offsets: RtpOffsets;
  /** By `lineWord`; written by the thread that places the source's stamps. */
  readonly line: Float64Array;
}

/** Of a new stream: 64-bit floats. */
export function createStreamTimeline({ audio, video }: RtpOffsets): SharedArrayBuffer {
  const words = [audio, video, ...newLine()];
  const block = new SharedArrayBuffer(words.length * Float64Array.BYTES_PER_ELEMENT);
  new Float64Array(block).set(words);
  return block;
}

export function readStreamTimeline(block: SharedArrayBuffer): StreamTimeline {
  const words = new Float64Array(block);
  const [audio = 0, video = 0] = words;
  return { offsets: { audio, video }, line: words.subarray(lineAt) };
}
