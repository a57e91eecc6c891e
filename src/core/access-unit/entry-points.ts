/**
 * Whether browsers can begin with a stream's own encoding: they take an IDR picture (or what stands for one in other codecs) and no
 * recovery point. Pure: times are those of the media.
 */
import type { PictureStart } from './picture.js';

/** Who joins waits no longer than this for a picture that it can begin with, where the source also has recovery points. */
const patienceMs = 10_000;

export interface EntryPoints {
  /** False: there are recovery points, and no picture that browsers begin with, or too rarely. */
  readonly canBegin: boolean;
  /** For people. */
  readonly reason: string;
  /** Of the newest picture that browsers can begin with; null: none came. */
  readonly entryMs: number | null;
  /** Since then. */
  readonly recoveries: number;
}

export const noEntryPoints: EntryPoints = { canBegin: true, reason: '', entryMs: null, recoveries: 0 };

export function seeStart(state: EntryPoints, start: PictureStart, mediaMs: number): EntryPoints {
  const sinceMs = state.entryMs === null ? null : mediaMs - state.entryMs;
  if (start === 'entry') {
    // One alone, behind recovery points, may be the last for long.
    const canBegin = state.canBegin || (sinceMs !== null && sinceMs < patienceMs);
    return { canBegin, reason: canBegin ? '' : state.reason, entryMs: mediaMs, recoveries: 0 };
  }
  const recoveries = state.recoveries + 1;
  if (sinceMs === null) return { ...state, canBegin: false, reason: 'recovery points and no IDR picture', recoveries };
  if (sinceMs < patienceMs) return { ...state, recoveries };
  const reason = `recovery points, and no IDR picture in ${Math.round(sinceMs / 1000)} s`;
  return { ...state, canBegin: false, reason: state.canBegin ? reason : state.reason, recoveries };
}
