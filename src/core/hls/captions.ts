/**
 * What the source says to be read, as segments of WebVTT beside those of the media (RFC 8216 3.5). A segment has what is to be read
 * in its time, and no more: what goes on in the next one is said there again, so that a text which another one cuts short is right.
 */
import type { HlsSegment, HlsWindow } from './window.js';

export interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/** As long as nothing follows. */
const shownMs = 5000;
/** Of a source that says more than may be read. */
const maxCues = 256;

export class HlsCaptions {
  #cues: Cue[] = [];

  /** From `atMs` of the media timeline on, until the next one. */
  add(text: string, atMs: number): void {
    const cues = this.#cues.map((cue) => (cue.endMs > atMs ? { ...cue, endMs: Math.max(cue.startMs, atMs) } : cue));
    this.#cues = [...cues, { startMs: atMs, endMs: atMs + shownMs, text }].slice(-maxCues);
  }

  /** Each cut to what of it lies between. */
  between(fromMs: number, toMs: number): readonly Cue[] {
    return this.#cues
      .map(({ startMs, endMs, text }) => ({ startMs: Math.max(startMs, fromMs), endMs: Math.min(endMs, toMs), text }))
      .filter(({ startMs, endMs }) => endMs > startMs);
  }
}

/** MPEG-2 timestamps have 33 bits; players unwrap them. */
const stampRange = 2 ** 33;
const ticksPerMs = 90;

/** "01:02:03.456" (WebVTT 4.1). */
function clock(ms: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const rest = String(Math.floor(ms % 1000)).padStart(3, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${rest}`;
}

/** A text of people: what WebVTT takes for marks is written as they are, and an empty line would end it. */
const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '')
    .join('\n');

/** The segment of the captions that belongs to this one of the media. */
export function renderCues(captions: HlsCaptions, { startMs, durationMs }: HlsSegment): string {
  const stamp = Math.round(startMs * ticksPerMs) % stampRange;
  const cues = captions
    .between(startMs, startMs + durationMs)
    .map((cue) => `\n${clock(cue.startMs - startMs)} --> ${clock(cue.endMs - startMs)}\n${escaped(cue.text)}\n`);
  return `WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:${stamp},LOCAL:00:00:00.000\n${cues.join('')}`;
}

/** Its segments are those of the media that are whole. */
export function renderCaptionList(window: HlsWindow, nameOf: (msn: number) => string, isOver: boolean): string {
  const whole = window.segments.filter(({ isWhole }) => isWhole);
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    `#EXT-X-TARGETDURATION:${window.targetS}`,
    '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES',
    `#EXT-X-MEDIA-SEQUENCE:${whole[0]?.msn ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${window.discontinuitySequence}`,
    ...whole.flatMap(({ msn, durationMs, isDiscontinuity, startedAtMs }) => [
      ...(isDiscontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(startedAtMs).toISOString()}`,
      `#EXTINF:${(durationMs / 1000).toFixed(5)},`,
      nameOf(msn),
    ]),
    ...(isOver ? ['#EXT-X-ENDLIST'] : []),
  ];
  return `${lines.join('\n')}\n`;
}
