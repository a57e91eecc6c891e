/** Bits turned over, the end cut off, runs of one value and of noise, bytes too many; never longer than by 64 bytes. */
export function damaged(frame: Uint8Array, random: () => number): Uint8Array {
  const below = (limit: number): number => Math.floor(random() * limit);
  const own = Uint8Array.from(frame);
  const flip = (times: number): Uint8Array => {
    for (let n = 0; n < times; n += 1) {
      const at = below(own.length);
      own[at] = (own[at] ?? 0) ^ (1 << below(8));
    }
    return own;
  };
  const noise = (length: number): Uint8Array => Uint8Array.from({ length }, () => below(256));
  switch (below(8)) {
    case 0:
    case 1:
      return flip(1 + below(8));
    case 2:
      return flip(own.length >> 1);
    case 3:
      return own.subarray(0, below(own.length));
    case 4:
      return own.fill(below(256), below(own.length));
    case 5:
      return noise(1 + below(own.length));
    case 6:
      return Uint8Array.from([...own, ...noise(below(64))]);
    default:
      own.set(noise(below(own.length)), 0);
      return own;
  }
}
