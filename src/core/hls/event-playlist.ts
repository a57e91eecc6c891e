/** A recording in progress as HLS: from its beginning on, a segment a GOP, each a range of bytes of its file (RFC 8216 4.3.2.2). */
import type { KeyframePoint } from '../recording/part.js';

export interface RecordedSoFar {
  /** Of the init segment, at the beginning of the file. */
  readonly initBytes: number;
  /** Where keyframes begin, in order: the same array while it grows. */
  readonly points: readonly KeyframePoint[];
  /** What lies on the disk: what is beyond is not offered. */
  readonly sizeBytes: number;
}

/** The list in two parts: the second one is the same memory for all who ask for the same. */
export interface RenderedEvent {
  readonly head: Uint8Array;
  readonly segments: Uint8Array;
}

/** What was asked for lately, by the address of the file: with their tokens a few players may take turns. */
const keptRenderings = 4;

interface Rendering {
  readonly count: number;
  readonly bytes: Uint8Array;
}

/**
 * The segments that were offered so far. They do not change any more, and those of a day are many: each is put into words once, however
 * often players ask.
 */
class EventSegments {
  /** Of each, all but its address. */
  readonly #texts: string[] = [];
  readonly #renderings = new Map<string, Rendering>();
  lengthMs = 0;
  targetS = 1;

  offer({ points, sizeBytes }: RecordedSoFar): void {
    for (;;) {
      const n = this.#texts.length;
      const [point, next] = [points[n], points[n + 1]];
      if (point === undefined || next === undefined || next.offset > sizeBytes) return;
      const durationMs = next.atMs - point.atMs;
      const range = `${next.offset - point.offset}@${point.offset}`;
      this.#texts.push(`#EXTINF:${(durationMs / 1000).toFixed(5)},\n#EXT-X-BYTERANGE:${range}\n`);
      this.lengthMs += durationMs;
      this.targetS = Math.max(this.targetS, Math.round(durationMs / 1000));
    }
  }

  render(uri: string): Uint8Array {
    const count = this.#texts.length;
    const known = this.#renderings.get(uri);
    if (known?.count === count) return known.bytes;
    const bytes = Buffer.from(this.#texts.map((text) => `${text}${uri}\n`).join(''));
    this.#renderings.delete(uri);
    this.#renderings.set(uri, { count, bytes });
    const [oldest] = this.#renderings.keys();
    if (this.#renderings.size > keptRenderings && oldest !== undefined) this.#renderings.delete(oldest);
    return bytes;
  }
}

/** By the points of a recording, which are added to as it goes on. */
const offered = new WeakMap<RecordedSoFar['points'], EventSegments>();

function segmentsOf(recorded: RecordedSoFar): EventSegments {
  const segments = offered.get(recorded.points) ?? new EventSegments();
  offered.set(recorded.points, segments);
  segments.offer(recorded);
  return segments;
}

/** From the beginning to the end of the list. */
export const eventLengthMs = (recorded: RecordedSoFar): number => segmentsOf(recorded).lengthMs;

/** EXT-X-TARGETDURATION, seconds. */
export const eventTargetS = (recorded: RecordedSoFar): number => segmentsOf(recorded).targetS;

/** `fromS`: where players are to begin, in seconds from the start. */
export function renderEvent(recorded: RecordedSoFar, uri: string, fromS: number): RenderedEvent {
  const segments = segmentsOf(recorded);
  const head = `${[
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${segments.targetS}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:EVENT',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-START:TIME-OFFSET=${fromS},PRECISE=YES`,
    `#EXT-X-MAP:URI="${uri}",BYTERANGE="${recorded.initBytes}@0"`,
  ].join('\n')}\n`;
  return { head: Buffer.from(head), segments: segments.render(uri) };
}
