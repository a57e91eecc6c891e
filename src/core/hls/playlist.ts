/** The media playlist of a window (RFC 8216bis): segments, parts of the newest, and what a player may ask for ahead of time. */
import type { HlsPart, HlsSegment, HlsWindow } from './window.js';

export interface PlaylistNames {
  init(number: number): string;
  segment(msn: number): string;
  part(msn: number, part: number): string;
}

/** Parts are listed of so many segments: older ones are of no use (RFC 8216bis 6.2.2: three target durations). */
const segmentsWithParts = 3;

const seconds = (ms: number): string => (ms / 1000).toFixed(5);

function partLines({ parts, msn }: HlsSegment, names: PlaylistNames): readonly string[] {
  return parts.map(
    ({ durationMs, isIndependent }: HlsPart, n) =>
      `#EXT-X-PART:DURATION=${seconds(durationMs)},URI="${names.part(msn, n)}"${isIndependent ? ',INDEPENDENT=YES' : ''}`,
  );
}

/** `isOver`: nothing more will come. */
export function renderPlaylist(window: HlsWindow, names: PlaylistNames, isOver: boolean): string {
  const { segments, partTargetMs, targetS } = window;
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    `#EXT-X-TARGETDURATION:${targetS}`,
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${seconds(partTargetMs * 3)}`,
    `#EXT-X-PART-INF:PART-TARGET=${seconds(partTargetMs)}`,
    `#EXT-X-MEDIA-SEQUENCE:${segments[0]?.msn ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${window.discontinuitySequence}`,
    ...(window.isIndependent ? ['#EXT-X-INDEPENDENT-SEGMENTS'] : []),
  ];
  let init: number | null = null;
  for (const [n, segment] of segments.entries()) {
    if (segment.isDiscontinuity) lines.push('#EXT-X-DISCONTINUITY');
    if (segment.init !== init) lines.push(`#EXT-X-MAP:URI="${names.init(segment.init)}"`);
    init = segment.init;
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.startedAtMs).toISOString()}`);
    if (n >= segments.length - segmentsWithParts) lines.push(...partLines(segment, names));
    if (segment.isWhole) lines.push(`#EXTINF:${seconds(segment.durationMs)},`, names.segment(segment.msn));
  }
  if (isOver) lines.push('#EXT-X-ENDLIST');
  else {
    const [msn, part] = nextPart(window);
    lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${names.part(msn, part)}"`);
  }
  return `${lines.join('\n')}\n`;
}

/** The part that comes next: its segment's number, and its own in it. */
export function nextPart({ segments }: HlsWindow): readonly [number, number] {
  const last = segments.at(-1);
  if (last === undefined) return [0, 0];
  return last.isWhole ? [last.msn + 1, 0] : [last.msn, last.parts.length];
}

/** True when the playlist holds this part; `part` null: the whole segment (RFC 8216bis 6.2.5.2). */
export function holds(window: HlsWindow, msn: number, part: number | null): boolean {
  const [nextMsn, next] = nextPart(window);
  if (nextMsn !== msn) return nextMsn > msn;
  return part !== null && next > part;
}
