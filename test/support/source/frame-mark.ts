/**
 * What is written into the last bytes of each frame of the video, which are those of its last packet: its number and when it
 * was sent. Nobody decodes it. test/support/load/native/mark.c reads it.
 */

const magic = [0xa5, 0x5a] as const;
const numberBytes = 4;
const sentBytes = 9;
export const markBytes = magic.length + numberBytes + sentBytes + 1;

export interface FrameMark {
  /** Of this player's frames, up to 2^28. */
  readonly number: number;
  /** CLOCK_MONOTONIC, as process.hrtime gives it. */
  readonly sentNs: bigint;
  readonly isKey: boolean;
}

/** Seven bits a byte, with the highest bit set: no start code can come of them. */
function writeSevens(out: Uint8Array, at: number, count: number, value: bigint): void {
  let rest = value;
  for (let n = count - 1; n >= 0; n -= 1, rest >>= 7n) out[at + n] = 0x80 | Number(rest & 0x7fn);
}

export function writeMark({ number, sentNs, isKey }: FrameMark): Uint8Array {
  const mark = new Uint8Array(markBytes);
  mark.set(magic);
  writeSevens(mark, magic.length, numberBytes, BigInt(number));
  writeSevens(mark, magic.length + numberBytes, sentBytes, sentNs);
  mark[markBytes - 1] = isKey ? 0x81 : 0x80;
  return mark;
}

const readSevens = (bytes: Uint8Array): bigint =>
  bytes.reduce((value, byte) => (value << 7n) | BigInt(byte & 0x7f), 0n);

/** Of the last packet of a frame; null: it has none. */
export function readMark(payload: Uint8Array): FrameMark | null {
  const mark = payload.subarray(-markBytes);
  if (mark.length < markBytes || mark[0] !== magic[0] || mark[1] !== magic[1]) return null;
  const sentAt = magic.length + numberBytes;
  return {
    number: Number(readSevens(mark.subarray(magic.length, sentAt))),
    sentNs: readSevens(mark.subarray(sentAt, sentAt + sentBytes)),
    isKey: ((mark.at(-1) ?? 0) & 1) === 1,
  };
}
