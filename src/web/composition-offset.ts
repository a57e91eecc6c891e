/** By how much the picture of a fragment is shown after it is decoded (ISO/IEC 14496-12 section 8.8.8), in ticks of its track. */

import { findBox } from '../core/fragments/boxes.js';

/** Version and flags, and the number of samples. */
const headBytes = 8;
/** Each is in the one before. */
const path = ['moof', 'traf', 'trun'];
/** Flags of trun, and what each says is there: of the run, then of a sample, in this order. */
const dataOffset = 0x1;
const firstFlags = 0x4;
const beforeOffset = [0x100, 0x200, 0x400];
const hasOffset = 0x800;

/** Of its first sample; 0 where none is said, and for bytes that are no fragment. */
export function compositionOffset(fragment: ArrayBuffer): number {
  const view = new DataView(fragment);
  const found = findBox(view, path);
  if (found === null) return 0;
  const [at, to] = found;
  if (at + headBytes > to) return 0;
  const flags = view.getUint32(at) & 0xffffff;
  if ((flags & hasOffset) === 0) return 0;
  const fields = [dataOffset, firstFlags, ...beforeOffset].filter((flag) => (flags & flag) !== 0).length;
  const offsetAt = at + headBytes + 4 * fields;
  return offsetAt + 4 > to ? 0 : view.getInt32(offsetAt);
}
