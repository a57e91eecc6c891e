/** Boxes of fragmented MP4 (ISO/IEC 14496-12 section 4.2): a size of 32 bits, a type of four characters, and what they hold. */

const headBytes = 8;

/** Where the content of a box begins and ends, of which each is in the one before; null when there is none. */
export function findBox(view: DataView, path: readonly string[]): readonly [from: number, to: number] | null {
  let content: readonly [number, number] | null = [0, view.byteLength];
  for (const type of path) {
    content = findChild(view, type, content);
    if (content === null) return null;
  }
  return content;
}

function findChild(
  view: DataView,
  type: string,
  [from, to]: readonly [number, number],
): readonly [number, number] | null {
  for (let at = from; at + headBytes <= to; ) {
    const size = view.getUint32(at);
    const name = [4, 5, 6, 7].map((n) => String.fromCharCode(view.getUint8(at + n))).join('');
    if (size < headBytes || at + size > to) return null;
    if (name === type) return [at + headBytes, at + size];
    at += size;
  }
  return null;
}
