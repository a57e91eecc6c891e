/** Moves a fragment in time: its baseMediaDecodeTime (ISO/IEC 14496-12 section 8.8.12), in place. */

import { findBox } from './boxes.js';

/** Version and flags, and a time of 32 bits. */
const headBytes = 8;
/** moof, traf, tfdt: each is in the one before. */
const path = ['moof', 'traf', 'tfdt'] as const;

/** `ticks`: of the fragment's track; the time becomes this much smaller, or greater where it is below 0, and is never negative. False for bytes that are no fragment. */
export function rebase(fragment: Uint8Array, ticks: number): boolean {
  const view = new DataView(fragment.buffer, fragment.byteOffset, fragment.length);
  const found = findBox(view, path);
  if (found === null) return false;
  const [from, to] = found;
  const isLong = to - from >= 12 && view.getUint8(from) === 1;
  if (!isLong && to - from < headBytes) return false;
  // Version and flags come first.
  if (isLong) {
    const time = view.getBigUint64(from + 4) - BigInt(ticks);
    view.setBigUint64(from + 4, time < 0n ? 0n : time);
  } else view.setUint32(from + 4, Math.max(0, view.getUint32(from + 4) - ticks));
  return true;
}
