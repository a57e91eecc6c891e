/**
 * Names of recorded files by a template of WCS: `stream-{mediaSessionId}-{login}`. Whatever stands in a stream's name, the result
 * is one name inside one folder.
 */
import type { RecordingPart } from './part.js';

/** What may stand in the braces. */
export const templateElements = [
  'streamName',
  'startTime',
  'endTime',
  'startTimeMillis',
  'endTimeMillis',
  'duration',
  'sessionId',
  'mediaSessionId',
  'login',
  'audioCodec',
  'videoCodec',
] as const;

type Element = (typeof templateElements)[number];

const maxNameBytes = 180;

/** Pulls have neither a session nor a login of WCS: those elements are empty. */
function valuesOf(part: RecordingPart): Readonly<Record<Element, string>> {
  const { startedAtMs, durationMs } = part;
  const endedAtMs = startedAtMs + Math.round(durationMs);
  return {
    streamName: part.streamName,
    startTime: String(startedAtMs),
    endTime: String(endedAtMs),
    startTimeMillis: String(startedAtMs),
    endTimeMillis: String(endedAtMs),
    duration: String(Math.round(durationMs)),
    sessionId: '',
    mediaSessionId: part.mediaSessionId,
    login: '',
    audioCodec: part.audioCodec ?? '',
    videoCodec: part.videoCodec ?? '',
  };
}

/** The first element that there is not; null where all are known. */
export function unknownElement(template: string): string | null {
  const known: readonly string[] = templateElements;
  for (const [, element = ''] of template.matchAll(/\{([^{}]*)\}/g)) if (!known.includes(element)) return element;
  return null;
}

/** Without a slash, a control character or a dot in front; letters and digits of any script stay. */
const harmless = (text: string): string => text.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^[._-]+|[._-]+$/g, '');

function cut(text: string, maxBytes: number): string {
  let end = text.length;
  while (Buffer.byteLength(text.slice(0, end)) > maxBytes) end -= 1;
  // Half of a pair is no character.
  return text.slice(0, end).replace(/[\uD800-\uDBFF]$/, '');
}

const inBraces = (filled: string): string => filled.replace(/[^\p{L}\p{N}._{}-]+/gu, '_');

/** Of a recording that has no file yet, since no keyframe has come. */
export function fileNameToCome({
  template,
  streamName,
  mediaSessionId,
}: Pick<RecordingPart, 'template' | 'streamName' | 'mediaSessionId'>): string {
  const known = { streamName, mediaSessionId, sessionId: '', login: '' };
  const filled = Object.entries(known).reduce(
    (text, [element, value]) => text.replaceAll(`{${element}}`, harmless(value)),
    template,
  );
  return `${cut(inBraces(filled), maxNameBytes) || mediaSessionId}.mp4`;
}

/** Of an in-progress file too, as WCS's find_all shows it: what is not known yet stays in braces. */
export function fileNameOf(part: RecordingPart): string {
  const values = valuesOf(part);
  const isOpen = part.state === 'recording';
  const filled = templateElements.reduce(
    (text, element) =>
      isOpen && /^(end|duration)/.test(element) ? text : text.replaceAll(`{${element}}`, harmless(values[element])),
    part.template,
  );
  const base = isOpen ? inBraces(filled) : harmless(filled);
  const isNumbered = part.number > 1 && !part.template.includes('{startTime');
  return `${cut(base, maxNameBytes) || part.partId}${isNumbered ? `_${part.number}` : ''}.mp4`;
}
