/** Sends the tags of an FLV over and over at their times, byte by byte as they are; headers once. */
import { WireError } from '../../../src/core/bytes/wire-error.js';
import { parseAudioTag } from '../../../src/core/flv/audio-tag.js';
import { parseVideoTag } from '../../../src/core/flv/video-tag.js';
import type { FlvTag } from './flv-file.js';
import type { Send } from './play-server.js';

const tickMs = 10;

export interface TagLoop {
  readonly tags: readonly FlvTag[];
  /** From the first tag of a round to that of the next. */
  readonly roundMs: number;
  /** Stamp of the first round. */
  readonly fromMs?: number;
  /** After so long nothing more comes. */
  readonly endMs?: number;
}

/** From now on, until the function that it gives is called. */
export function loopTags(send: Send, { tags, roundMs, fromMs = 0, endMs = Number.POSITIVE_INFINITY }: TagLoop) {
  const startMs = performance.now();
  const frames = tags.filter((tag) => !isHeader(tag));
  let due = 0;
  const say = ({ track, body }: FlvTag, atMs: number): void =>
    send(track === 'data' ? 'dataAmf0' : track, Math.round(fromMs + atMs), body);
  for (const tag of tags) if (isHeader(tag)) say(tag, 0);
  const timer = setInterval(() => {
    const nowMs = Math.min(endMs, performance.now() - startMs);
    for (;;) {
      const tag = frames[due % frames.length];
      if (tag === undefined) return;
      const atMs = Math.floor(due / frames.length) * roundMs + tag.timestampMs;
      if (atMs > nowMs) return;
      say(tag, atMs);
      due += 1;
    }
  }, tickMs);
  return (): void => clearInterval(timer);
}

/** Sequence headers and metadata. */
function isHeader({ track, body }: FlvTag): boolean {
  if (track === 'data') return true;
  try {
    return (track === 'video' ? parseVideoTag(body) : parseAudioTag(body)).kind === 'config';
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}
