import { WireError } from './wire-error.js';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A cursor over big-endian bytes. Every read checks its bounds first; the only error is WireError. */
export interface ByteReader {
  /** Bytes read so far. */
  readonly offset: number;
  /** Bytes not read yet. */
  readonly remaining: number;
  u8(): number;
  u16(): number;
  u24(): number;
  u32(): number;
  i16(): number;
  /** IEEE 754 double. */
  f64(): number;
  /** The next `length` bytes, as a view. */
  bytes(length: number): Uint8Array;
  /** The next `length` bytes as UTF-8; what is no UTF-8 becomes U+FFFD. */
  text(length: number): string;
}

/** @param where names the wire feature in errors ("rtmp.amf0"). */
export function createByteReader(bytes: Uint8Array, where: string): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;

  const take = (length: number): number => {
    const from = offset;
    if (length > bytes.length - from) {
      throw new WireError(where, `${length} bytes wanted at ${from}, ${bytes.length - from} there`);
    }
    offset += length;
    return from;
  };

  return {
    get offset() {
      return offset;
    },
    get remaining() {
      return bytes.length - offset;
    },
    u8: () => view.getUint8(take(1)),
    u16: () => view.getUint16(take(2)),
    u24: () => {
      const from = take(3);
      return view.getUint16(from) * 256 + view.getUint8(from + 2);
    },
    u32: () => view.getUint32(take(4)),
    i16: () => view.getInt16(take(2)),
    f64: () => view.getFloat64(take(8)),
    bytes: (length) => {
      const from = take(length);
      return bytes.subarray(from, from + length);
    },
    text: (length) => {
      const from = take(length);
      return utf8.decode(bytes.subarray(from, from + length));
    },
  };
}
