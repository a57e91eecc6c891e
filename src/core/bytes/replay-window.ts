/** Which numbers have come, of those who count what they send: none of them is taken twice. */

export interface ReplayWindow {
  /** False for an index that came before, or may have. */
  accept(index: number): boolean;
  /** -1 before the first. */
  readonly highest: number;
}

/** RFC 3711 3.3.2, RFC 4303 3.4.3: 64 indices back from the highest one. `from`: the highest that came before; none up to it is taken. */
export function createReplayWindow(from = -1): ReplayWindow {
  const sizeBits = 64;
  let highest = from;
  let seen = from < 0 ? 0n : BigInt.asUintN(sizeBits, -1n);
  return {
    get highest() {
      return highest;
    },
    accept(index) {
      if (index > highest) {
        const ahead = highest < 0 ? sizeBits : Math.min(sizeBits, index - highest);
        seen = BigInt.asUintN(sizeBits, (seen << BigInt(ahead)) | 1n);
        highest = index;
        return true;
      }
      const behind = BigInt(highest - index);
      if (behind >= BigInt(sizeBits) || ((seen >> behind) & 1n) === 1n) return false;
      seen |= 1n << behind;
      return true;
    },
  };
}
