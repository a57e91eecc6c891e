/** A recording in progress as HLS: from its beginning on, a segment a GOP, each a range of bytes of its file (RFC 8216 4.3.2.2). */
import type { KeyframePoint } from '../recording/part.js';

export interface RecordedSoFar {
  /** Of the init segment, at the beginning of the file. */
  readonly initBytes: number;
  /** Where keyframes begin, in order. */
  readonly points: readonly KeyframePoint[];
  /** What lies on the disk: what is beyond is not offered. */
  readonly sizeBytes: number;
}

interface EventSegment {
  readonly offset: number;
  readonly bytes: number;
  readonly durationS: number;
}

function segmentsOf({ points, sizeBytes }: RecordedSoFar): readonly EventSegment[] {
  return points.slice(0, -1).flatMap((point, n) => {
    const next = points[n + 1];
    if (next === undefined || next.offset > sizeBytes) return [];
    return [{ offset: point.offset, bytes: next.offset - point.offset, durationS: (next.atMs - point.atMs) / 1000 }];
  });
}

/** From the beginning to the end of the list. */
export const eventLengthMs = (recorded: RecordedSoFar): number =>
  segmentsOf(recorded).reduce((total, { durationS }) => total + durationS * 1000, 0);

/** EXT-X-TARGETDURATION, seconds. */
export const eventTargetS = (recorded: RecordedSoFar): number =>
  Math.max(1, ...segmentsOf(recorded).map(({ durationS }) => Math.round(durationS)));

/** `fromS`: where players are to begin, in seconds from the start. */
export function renderEvent(recorded: RecordedSoFar, uri: string, fromS: number): string {
  const { initBytes } = recorded;
  const segments = segmentsOf(recorded);
  return `${[
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${eventTargetS(recorded)}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:EVENT',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-START:TIME-OFFSET=${fromS},PRECISE=YES`,
    `#EXT-X-MAP:URI="${uri}",BYTERANGE="${initBytes}@0"`,
    ...segments.flatMap(({ offset, bytes, durationS }) => [
      `#EXTINF:${durationS.toFixed(5)},`,
      `#EXT-X-BYTERANGE:${bytes}@${offset}`,
      uri,
    ]),
  ].join('\n')}\n`;
}
