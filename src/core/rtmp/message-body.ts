import { firstBodyBytes } from './limits.js';

const noBytes = new Uint8Array(0);

/** A message's body while it arrives: room for it grows with its bytes, never by the peer's word alone. */
export interface MessageBody {
  readonly lengthBytes: number;
  receivedBytes: number;
  /** At most 64 KiB, or four times what has arrived; its length depends on that alone. The body, once all is here. */
  room: Uint8Array;
  /** Its bytes are counted and not kept. */
  isSkipped: boolean;
}

export function createMessageBody(lengthBytes: number): MessageBody {
  const room = lengthBytes === 0 ? noBytes : new Uint8Array(Math.min(lengthBytes, firstBodyBytes));
  return { lengthBytes, receivedBytes: 0, room, isSkipped: false };
}

/** A message that is read past: however long it says it is, nothing is allocated for it. */
export function createSkippedBody(lengthBytes: number): MessageBody {
  return { lengthBytes, receivedBytes: 0, room: noBytes, isSkipped: true };
}

/** Gives up what has arrived; the rest is read past. */
export function skipBody(body: MessageBody): void {
  body.room = noBytes;
  body.isSkipped = true;
}

/** The room that the body needs to take so many bytes more. */
export function roomBytesFor({ room, receivedBytes, lengthBytes }: MessageBody, moreBytes: number): number {
  return nextRoomBytes(room.length, receivedBytes + moreBytes, lengthBytes);
}

/** Takes the bytes from `from` to `to`, not more than are missing. */
export function appendToBody(body: MessageBody, bytes: Uint8Array, from: number, to: number): void {
  const end = body.receivedBytes + to - from;
  if (!body.isSkipped) {
    if (end > body.room.length) {
      const grown = new Uint8Array(roomBytesFor(body, to - from));
      grown.set(body.room.subarray(0, body.receivedBytes));
      body.room = grown;
    }
    body.room.set(bytes.subarray(from, to), body.receivedBytes);
  }
  body.receivedBytes = end;
}

/** Doubles, and takes the whole once more than a quarter of it is here: so the old room is at most half of the new. */
function nextRoomBytes(roomBytes: number, neededBytes: number, lengthBytes: number): number {
  let next = roomBytes;
  while (next < neededBytes) next = next * 4 > lengthBytes ? lengthBytes : next * 2;
  return next;
}
