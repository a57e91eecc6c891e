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
  const endBit = data.length * 8;
  let at = 0;

  const skip = (count: number): void => {
    if (count > endBit - at) throw new WireError(where, `${data.length} bytes end early`);
    at += count;
  };

  const bits = (count: number): number => {
    let from = at;
    skip(count);
    let value = 0;
    while (from < at) {
      const taken = Math.min(8 - (from & 7), at - from);
      const rest = (data[from >> 3] ?? 0) & (0xff >> (from & 7));
      value = value * 2 ** taken + (rest >> (8 - (from & 7) - taken));
      from += taken;
    }
    return value;
  };

  const unsignedExpGolomb = (): number => {
    let zeros = 0;
    while (bits(1) === 0) {
      zeros += 1;
      if (zeros > 31) throw new WireError(where, 'an Exp-Golomb code of more than 32 bits');
    }
    return 2 ** zeros - 1 + bits(zeros);
  };

  return {
    get bitsLeft() {
      return endBit - at;
    },
    bits,
    flag: () => bits(1) === 1,
    skip,
    align: () => {
      at = Math.ceil(at / 8) * 8;
    },
    unsignedExpGolomb,
    signedExpGolomb: () => {
      const code = unsignedExpGolomb();
      return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
    },
  };
}
