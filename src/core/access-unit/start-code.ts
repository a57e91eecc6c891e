/** Start codes of byte streams (ITU-T H.264 Annex B, ITU-T H.265 Annex B), in bytes that may hold some. */

const startCode = Uint8Array.of(0, 0, 1);
/** More zero bytes before the first one are padding. */
const mostZeros = 8;

/** Where the first one begins; -1: nowhere. */
export function indexOfStartCode(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(startCode);
}

/** With or without zero bytes before it (B.1.1). */
export function beginsWithStartCode(bytes: Uint8Array): boolean {
  const at = indexOfStartCode(bytes.subarray(0, mostZeros));
  return at >= 0 && bytes.subarray(0, at).every((byte) => byte === 0);
}
