import { WireError } from '../bytes/wire-error.js';

/** Reads bits, the most significant first. Every read throws WireError where the data end before it does. */
export interface BitReader {
  readonly bitsLeft: number;
  /** An unsigned number of `count` bits: 0 to 32. */
  bits(count: number): number;
  flag(): boolean;
  skip(count: number): void;
  /** On to the next whole byte of the data. */
  align(): void;
  /** ue(v), ITU-T H.264 section 9.1: 0 to 2^32 - 2. */
  unsignedExpGolomb(): number;
  /** se(v), ITU-T H.264 section 9.1.1. */
  signedExpGolomb(): number;
}

/** `where` names the structure in errors ("h264.sps"). */
export function createBitReader(data: Uint8Array, where: string): BitReader {
  return new BitCursor(data, where);
}

/** A class, for one is made for every slice. */
class BitCursor implements BitReader {
  readonly #data: Uint8Array;
  readonly #where: string;
  readonly #endBit: number;
  #at = 0;

  constructor(data: Uint8Array, where: string) {
    this.#data = data;
    this.#where = where;
    this.#endBit = data.length * 8;
  }

  get bitsLeft(): number {
    return this.#endBit - this.#at;
  }

  bits(count: number): number {
    let from = this.#at;
    this.skip(count);
    let value = 0;
    while (from < this.#at) {
      const taken = Math.min(8 - (from & 7), this.#at - from);
      const rest = (this.#data[from >> 3] ?? 0) & (0xff >> (from & 7));
      value = value * 2 ** taken + (rest >> (8 - (from & 7) - taken));
      from += taken;
    }
    return value;
  }

  flag(): boolean {
    return this.bits(1) === 1;
  }

  skip(count: number): void {
    if (count > this.#endBit - this.#at) throw new WireError(this.#where, `${this.#data.length} bytes end early`);
    this.#at += count;
  }

  align(): void {
    this.#at = Math.ceil(this.#at / 8) * 8;
  }

  unsignedExpGolomb(): number {
    const zeros = this.#leadingZeros();
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** Passes the zeros, and the one behind them: a byte at a time, for each slice of a stream begins with two such codes. */
  #leadingZeros(): number {
    for (let zeros = 0; ; ) {
      const used = this.#at & 7;
      const rest = (this.#data[this.#at >> 3] ?? 0) & (0xff >> used);
      const found = rest === 0 ? 8 - used : Math.clz32(rest << 24) - used;
      zeros += found;
      if (zeros > 31) throw new WireError(this.#where, 'an Exp-Golomb code of more than 32 bits');
      this.skip(rest === 0 ? found : found + 1);
      if (rest !== 0) return zeros;
    }
  }

  signedExpGolomb(): number {
    const code = this.unsignedExpGolomb();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}
