/** Open bitstream units, AV1 Bitstream & Decoding Process section 5.3 (low-overhead format). */
import { WireError } from '../bytes/wire-error.js';

/** obu_type, section 6.2.2. */
export const obuTypes = {
  sequenceHeader: 1,
  temporalDelimiter: 2,
  frameHeader: 3,
  tileGroup: 4,
  metadata: 5,
  frame: 6,
  redundantFrameHeader: 7,
  tileList: 8,
  padding: 15,
} as const;

export interface Obu {
  readonly type: number;
  /** One byte, two with the extension, as they stand in an OBU without a size field. */
  readonly header: Uint8Array;
  /** A view of the data. */
  readonly payload: Uint8Array;
}

const where = 'av1.obu';
const extensionFlag = 0x04;
const hasSizeFlag = 0x02;
/** Enough for 4K in tiles of one tile group each. */
const maxObus = 1024;
const maxLeb128Bytes = 8;

/**
 * The OBUs of a temporal unit, their size fields taken off. Temporal delimiters, which packets make needless, and
 * padding are left out. Throws WireError when a size goes beyond the data.
 */
export function splitObus(data: Uint8Array): Obu[] {
  const obus: Obu[] = [];
  for (let at = 0; at < data.length; ) {
    const first = data[at] ?? 0;
    if ((first & 0x80) !== 0) throw new WireError(where, 'the forbidden bit is set');
    const headerBytes = (first & extensionFlag) === 0 ? 1 : 2;
    const start = at + headerBytes;
    if (start > data.length) throw new WireError(where, 'the data end inside a header');
    const { value: size, next } =
      (first & hasSizeFlag) === 0 ? { value: data.length - start, next: start } : leb128(data, start);
    if (size > data.length - next) throw new WireError(where, `an OBU of ${size} bytes goes beyond its data`);
    if (obus.length === maxObus) throw new WireError(where, `more than ${maxObus} OBUs in one frame`);
    const type = (first >> 3) & 15;
    const header = Uint8Array.from(data.subarray(at, start));
    header[0] = first & ~hasSizeFlag;
    at = next + size;
    if (type !== obuTypes.temporalDelimiter && type !== obuTypes.padding) {
      obus.push({ type, header, payload: data.subarray(next, at) });
    }
  }
  return obus;
}

/** leb128(), section 4.10.5: 0 to 2^32 - 1. */
function leb128(data: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let n = 0; n < maxLeb128Bytes; n += 1) {
    const byte = data[at + n];
    if (byte === undefined) throw new WireError(where, 'the data end inside a size');
    value += (byte & 0x7f) * 2 ** (7 * n);
    if (byte < 0x80) {
      if (value >= 2 ** 32) break;
      return { value, next: at + n + 1 };
    }
  }
  throw new WireError(where, 'a size of more than 32 bits');
}
