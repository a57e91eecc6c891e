/** Recovery point SEI messages (H.264 D.1.8, H.265 D.2.8): decoding may begin here although no picture is IDR. */
import { WireError } from '../bytes/wire-error.js';
import { type BitReader, createBitReader } from '../codec/bit-reader.js';
import { withoutEmulationPrevention } from '../codec/emulation-prevention.js';

/** payloadType, the same in both codecs. */
const recoveryPoint = 6;
/** What encoders say of themselves is longer, and stands in a unit of its own. */
const mostBytes = 1024;

/** `payload`: an SEI NAL unit behind its header. Pictures until all is right, read by `readCount`; null: it is no recovery point. */
export function readRecoveryPoint(payload: Uint8Array, readCount: (reader: BitReader) => number): number | null {
  const bytes = withoutEmulationPrevention(payload.subarray(0, mostBytes));
  for (let at = 0; at + 2 < bytes.length; ) {
    const type = readLong(bytes, at);
    const size = readLong(bytes, type.next);
    if (type.value === recoveryPoint) return countIn(bytes.subarray(size.next, size.next + size.value), readCount);
    at = size.next + size.value;
  }
  return null;
}

/** Bytes of 255, and one below, added up (H.264 7.3.2.3.1). */
function readLong(bytes: Uint8Array, from: number): { readonly value: number; readonly next: number } {
  let value = 0;
  let at = from;
  for (; bytes[at] === 255; at += 1) value += 255;
  return { value: value + (bytes[at] ?? 0), next: at + 1 };
}

function countIn(message: Uint8Array, readCount: (reader: BitReader) => number): number | null {
  try {
    return readCount(createBitReader(message, 'sei.recoveryPoint'));
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
