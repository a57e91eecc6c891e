/**
 * The wall clock as black and white blocks, for programs that measure how old a shown frame is.
 *
 * 40 blocks in a row from the frame's upper left corner, each `blockSize(width)` pixels wide and high (16 at a width
 * of 640), white (luma 235) for 1 and black (16) for 0. Blocks 0 to 35: the UTC milliseconds of the frame modulo 2^36
 * (over two years), most significant bit first. Blocks 36 to 39: a check, the sum of the nine 4-bit groups modulo 16.
 * Read the luma at the centre of each block against 128, then `parseStamp`, then `ageMs`.
 */
export const stampBlocks = 40;
const timeBits = 36;
const period = 2 ** timeBits;

export const blockSize = (widthPixels: number): number => Math.floor(widthPixels / stampBlocks);

/** True for a white block. */
export function formatStamp(wallMs: number): boolean[] {
  const time = wallMs % period;
  return [...bitsOf(time, timeBits), ...bitsOf(checkOf(time), 4)];
}

/** The milliseconds modulo 2^36; null when the check does not fit (no such row, or a damaged frame). */
export function parseStamp(blocks: readonly boolean[]): number | null {
  if (blocks.length !== stampBlocks) return null;
  const time = numberOf(blocks.slice(0, timeBits));
  return numberOf(blocks.slice(timeBits)) === checkOf(time) ? time : null;
}

/** How long before `wallMs` the stamp was made. */
export const ageMs = (stamp: number, wallMs: number): number => {
  const ahead = (((wallMs - stamp) % period) + period) % period;
  return ahead > period / 2 ? ahead - period : ahead;
};

const bitsOf = (value: number, bits: number): boolean[] =>
  Array.from({ length: bits }, (_, n) => Math.floor(value / 2 ** (bits - 1 - n)) % 2 === 1);

const numberOf = (bits: readonly boolean[]): number => bits.reduce((value, bit) => value * 2 + (bit ? 1 : 0), 0);

function checkOf(time: number): number {
  let sum = 0;
  for (let rest = time; rest > 0; rest = Math.floor(rest / 16)) sum += rest % 16;
  return sum % 16;
}
