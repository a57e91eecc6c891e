/**
 * By which link to the source each picture came that a viewer was sent. A camera counts the pictures of each link from 0 and says when
 * each was sent (frame-mark.ts): the two together tell links apart.
 */
import { frameMs } from '../support/source/camera-loop.js';
import { readMark } from '../support/source/frame-mark.js';
import type { StreamViewer } from '../support/viewer/stream-viewer.js';

export interface LinkSeen {
  /** When its first picture was sent, in ms of CLOCK_MONOTONIC. */
  readonly startMs: number;
  readonly frames: number;
}

/** A camera is late by less than this. */
const lateMs = 1000;

/** In the order in which their pictures came: one that comes back stands there twice. */
export function linksSeenBy(viewer: StreamViewer): readonly LinkSeen[] {
  const links: { startMs: number; frames: number }[] = [];
  for (const { payload, marker } of viewer.video()) {
    const mark = marker ? readMark(payload) : null;
    if (mark === null) continue;
    const startMs = Number(mark.sentNs) / 1e6 - mark.number * frameMs;
    const last = links.at(-1);
    if (last !== undefined && Math.abs(startMs - last.startMs) < lateMs) last.frames += 1;
    else links.push({ startMs, frames: 1 });
  }
  return links;
}

/** Pictures of a link that came when those of a later one had come. */
export const framesOfOldLinks = (links: readonly LinkSeen[]): number =>
  links.reduce((sum, { startMs, frames }, n) => {
    const hasNewer = links.slice(0, n).some((before) => before.startMs > startMs + lateMs);
    return sum + (hasNewer ? frames : 0);
  }, 0);
