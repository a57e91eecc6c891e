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
  return new Cursor(bytes, where);
}

/** A class, for one is made for every message: as closures it would cost more than what is read through it. */
class Cursor implements ByteReader {
  readonly #source: Uint8Array;
  readonly #view: DataView;
  readonly #where: string;
  #offset = 0;

  constructor(bytes: Uint8Array, where: string) {
    this.#source = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#where = where;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#source.length - this.#offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u24(): number {
    const from = this.#take(3);
    return this.#view.getUint16(from) * 256 + this.#view.getUint8(from + 2);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  i16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  bytes(length: number): Uint8Array {
    const from = this.#take(length);
    return this.#source.subarray(from, from + length);
  }

  text(length: number): string {
    return utf8.decode(this.bytes(length));
  }

  #take(length: number): number {
    const from = this.#offset;
    if (length > this.#source.length - from) {
      throw new WireError(this.#where, `${length} bytes wanted at ${from}, ${this.#source.length - from} there`);
    }
    this.#offset += length;
    return from;
  }
}
