/** Writes a reply as its client takes it: for reply.ts alone, which has set `onAborted` before. */
import type { HttpResponse } from 'uWebSockets.js';
import type { ReplyStream } from './http.js';

const pieceBytes = 262_144;

/** Within `cork`. */
export function writeHead(response: HttpResponse, status: string, headers: Readonly<Record<string, string>>): void {
  response.writeStatus(status);
  for (const [name, value] of Object.entries(headers)) response.writeHeader(name, value);
}

interface BodySteps {
  readonly onDone: () => void;
  /** Calls it; an exception closes the connection. */
  readonly guarded: (step: () => void) => void;
}

/**
 * `end` would copy what the client does not take for its connection, one answer behind the other for as long as it asks and does
 * not read. So the rest waits here, where those who are sent the same share it; and uWebSockets.js closes the connection of who asks
 * again before.
 */
export function giveBody(
  response: HttpResponse,
  writeItsHead: () => void,
  body: string | Uint8Array,
  { onDone, guarded }: BodySteps,
): void {
  const sizeBytes = Buffer.byteLength(body);
  let isDone = false;
  response.cork(() => {
    writeItsHead();
    [, isDone] = response.tryEnd(body, sizeBytes);
  });
  if (isDone) {
    onDone();
    return;
  }
  const whole = typeof body === 'string' ? Buffer.from(body) : body;
  response.onWritable((offset) => {
    let isTaken = false;
    guarded(() => {
      [isTaken, isDone] = response.tryEnd(whole.subarray(offset), sizeBytes);
      if (isDone) onDone();
    });
    return isTaken;
  });
}

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
