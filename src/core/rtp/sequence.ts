/**
 * The extended sequence number (RFC 3550 A.1) that has these lower 16 bits and lies nearest to `nearExtended`: at most
 * 32,768 before or 32,767 after it. It is negative where a number from before the first round is meant.
 */
export function extendSequence(sequence16: number, nearExtended: number): number {
  const distance = ((sequence16 - nearExtended) << 16) >> 16;
  return nearExtended + distance;
}
