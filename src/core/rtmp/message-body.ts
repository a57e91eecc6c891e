import { firstBodyBytes } from './limits.js';

const noBytes = new Uint8Array(0);

/** A message's body while it arrives: room for it grows with its bytes, never by the peer's word alone. */
export interface MessageBody {
  readonly lengthBytes: number;
  readonly receivedBytes: number;
  /** Bytes allocated: at most 64 KiB, or four times what has arrived. Depends on `receivedBytes` alone. */
  readonly heldBytes: number;
  /** Takes the bytes from `from` to `to`; not more than are missing. */
  append(bytes: Uint8Array, from: number, to: number): void;
  /** The body; complete when all its bytes were taken. */
  finish(): Uint8Array;
}

export function createMessageBody(lengthBytes: number): MessageBody {
  let buffer = lengthBytes === 0 ? noBytes : new Uint8Array(Math.min(lengthBytes, firstBodyBytes));
  let receivedBytes = 0;

  return {
    lengthBytes,
    get receivedBytes() {
      return receivedBytes;
    },
    get heldBytes() {
      return buffer.length;
    },
    append(bytes, from, to) {
      const end = receivedBytes + to - from;
      if (end > buffer.length) {
        const grown = new Uint8Array(nextRoomBytes(buffer.length, end, lengthBytes));
        grown.set(buffer.subarray(0, receivedBytes));
        buffer = grown;
      }
      buffer.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), receivedBytes);
      receivedBytes = end;
    },
    finish: () => buffer,
  };
}

/** Doubles, and takes the whole once more than a quarter of it is here: so the old room is at most half of the new. */
function nextRoomBytes(roomBytes: number, neededBytes: number, lengthBytes: number): number {
  let next = roomBytes;
  while (next < neededBytes) next = next * 4 > lengthBytes ? lengthBytes : next * 2;
  return next;
}
