/** Writes a long reply as its client takes it: for reply.ts alone, which has set `onAborted` before. */
import type { HttpResponse } from 'uWebSockets.js';
import type { ReplyStream } from './http.js';

const pieceBytes = 262_144;

/**
 * `isOver`: the client is gone; nothing is written any more. Rejects when the stream cannot be read: the connection must be
 * closed then, for its length was said.
 */
export async function pump(
  response: HttpResponse,
  { sizeBytes, read, close }: ReplyStream,
  isOver: () => boolean,
): Promise<void> {
  try {
    for (let offset = 0; offset < sizeBytes && !isOver(); ) {
      const piece = await read(offset, pieceBytes);
      if (piece.length === 0) throw new Error('the file is shorter than it was');
      await give(response, piece, offset, sizeBytes, isOver);
      offset += piece.length;
    }
  } finally {
    close();
  }
}

/** Resolves when all of the piece is taken, or the client is gone. */
function give(
  response: HttpResponse,
  piece: Uint8Array,
  offset: number,
  sizeBytes: number,
  isOver: () => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    if (isOver()) return resolve();
    const before = response.getWriteOffset();
    const attempt = (from: number): boolean => {
      let isTaken = false;
      response.cork(() => {
        const [ok, isDone] = response.tryEnd(piece.subarray(from), sizeBytes);
        isTaken = ok || isDone;
      });
      return isTaken;
    };
    if (attempt(Math.max(0, before - offset))) return resolve();
    response.onWritable((written) => {
      const isTaken = attempt(written - offset);
      if (isTaken) resolve();
      return isTaken;
    });
    whenOver(isOver, resolve);
  });
}

const lookEveryMs = 1000;

/** A client that went away says so once, to reply.ts. */
function whenOver(isOver: () => boolean, then: () => void): void {
  const timer = setInterval(() => {
    if (!isOver()) return;
    clearInterval(timer);
    then();
  }, lookEveryMs);
  timer.unref();
}
