/** Moves a fragment in time: its baseMediaDecodeTime (ISO/IEC 14496-12 section 8.8.12), in place. */

const headBytes = 8;
/** moof, traf, tfdt: each is in the one before. */
const path = ['moof', 'traf', 'tfdt'] as const;

/** The box of this type among those of `[from, to)`: where its content begins and ends; null when there is none. */
function findBox(view: DataView, type: string, from: number, to: number): readonly [number, number] | null {
  for (let at = from; at + headBytes <= to; ) {
    const size = view.getUint32(at);
    const name = [4, 5, 6, 7].map((n) => String.fromCharCode(view.getUint8(at + n))).join('');
    if (size < headBytes || at + size > to) return null;
    if (name === type) return [at + headBytes, at + size];
    at += size;
  }
  return null;
}

/** `ticks`: of the fragment's track; the time becomes this much smaller, and never negative. False for bytes that are no fragment. */
export function rebase(fragment: Uint8Array, ticks: number): boolean {
  const view = new DataView(fragment.buffer, fragment.byteOffset, fragment.length);
  let [from, to] = [0, fragment.length];
  for (const type of path) {
    const found = findBox(view, type, from, to);
    if (found === null) return false;
    [from, to] = found;
  }
  const isLong = to - from >= 12 && view.getUint8(from) === 1;
  if (!isLong && to - from < headBytes) return false;
  // Version and flags come first.
  if (isLong) {
    const time = view.getBigUint64(from + 4) - BigInt(ticks);
    view.setBigUint64(from + 4, time < 0n ? 0n : time);
  } else view.setUint32(from + 4, Math.max(0, view.getUint32(from + 4) - ticks));
  return true;
}
