import { type MessageBody, roomBytesFor, skipBody } from './message-body.js';

export interface BodyMemory {
  /** The body takes no more bytes. */
  free(body: MessageBody): void;
  /** Before so many bytes more are appended. Returns how many others are skipped for it. */
  hold(body: MessageBody, moreBytes: number): number;
}

/** The room of all bodies that are not complete. Over the limit those are skipped that got no bytes for longest. */
export function createBodyMemory(limitBytes: number): BodyMemory {
  /** The one that got bytes last: most messages are whole before another one begins, and are nowhere but here. */
  let newest: MessageBody | null = null;
  let newestBytes = 0;
  /** All others, in the order in which they last got bytes. */
  const holding = new Map<MessageBody, number>();
  let heldBytes = 0;

  const free = (body: MessageBody): void => {
    if (body === newest) {
      heldBytes -= newestBytes;
      newest = null;
      return;
    }
    // As a rule no other message is half here.
    if (holding.size === 0) return;
    heldBytes -= holding.get(body) ?? 0;
    holding.delete(body);
  };

  const makeRoom = (roomBytes: number): number => {
    let given = 0;
    for (const oldest of holding.keys()) {
      if (heldBytes + roomBytes <= limitBytes) break;
      free(oldest);
      skipBody(oldest);
      given += 1;
    }
    return given;
  };

  return {
    free,
    hold(body, moreBytes) {
      // One chunk behind the other, within the room that there is: by far the most calls.
      if (body === newest && body.receivedBytes + moreBytes <= body.room.length) return 0;
      free(body);
      if (newest !== null) holding.set(newest, newestBytes);
      const roomBytes = roomBytesFor(body, moreBytes);
      const given = heldBytes + roomBytes > limitBytes ? makeRoom(roomBytes) : 0;
      heldBytes += roomBytes;
      newest = body;
      newestBytes = roomBytes;
      return given;
    },
  };
}
