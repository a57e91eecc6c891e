/** A small WebSocket client (RFC 6455): Node 20 has none, and a test wants to send broken frames as well. */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';

export interface WebSocketClient {
  sendText(text: string): void;
  sendJson(value: unknown): void;
  sendBinary(bytes: Uint8Array): void;
  /** The next text frame as JSON; fails when the socket closes, or after 5 s. */
  next(): Promise<unknown>;
  /** The next frame with this message name; others before it are dropped. */
  nextMessage(name: string): Promise<{ readonly message: string; readonly data: readonly unknown[] }>;
  /** Binary frames so far, each with the number of text frames that came before it. */
  readonly binaries: readonly { readonly texts: number; readonly data: Buffer }[];
  /** The close code; 1006 when there was none. */
  readonly closed: Promise<number>;
  /** Stops reading, so that what the server sends piles up. */
  pause(): void;
  resume(): void;
  close(): void;
}

const textOpcode = 1;
const binaryOpcode = 2;
const closeOpcode = 8;
const pingOpcode = 9;
const pongOpcode = 10;
const waitMs = 5000;

/** Rejects with the HTTP status as message when the server refuses. `localAddress`: the one to connect from. */
export async function openWebSocket(url: string, localAddress = '127.0.0.1'): Promise<WebSocketClient> {
  const asked = request(url.replace(/^ws/, 'http'), {
    localAddress,
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    },
  });
  const upgraded = new Promise<[unknown, Duplex, Buffer]>((resolve, reject) => {
    asked.once('upgrade', (...parts) => resolve(parts));
    asked.once('response', (response) => {
      response.destroy();
      reject(new Error(String(response.statusCode)));
    });
    asked.once('error', reject);
  });
  asked.end();
  const [, socket, head] = await upgraded;
  return drive(socket, head);
}

function drive(socket: Duplex, head: Buffer): WebSocketClient {
  const texts: string[] = [];
  let textsSoFar = 0;
  const binaries: { readonly texts: number; readonly data: Buffer }[] = [];
  const waiting: (() => void)[] = [];
  let unread = head;
  let closeCode = 1006;
  let isClosed = false;

  const wake = (): void => {
    for (const one of waiting.splice(0)) one();
  };
  const take = (opcode: number, payload: Buffer): void => {
    if (opcode === textOpcode) {
      texts.push(payload.toString());
      textsSoFar += 1;
    }
    if (opcode === binaryOpcode) binaries.push({ texts: textsSoFar, data: payload });
    if (opcode === pingOpcode) socket.write(frame(pongOpcode, payload));
    if (opcode === closeOpcode) {
      closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      socket.end();
    }
    wake();
  };
  const read = (): void => {
    for (let parsed = parse(unread); parsed !== null; parsed = parse(unread)) {
      unread = unread.subarray(parsed.sizeBytes);
      take(parsed.opcode, parsed.payload);
    }
  };
  socket.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    read();
  });
  socket.on('error', () => {});
  // Not by node:events' once: it would reject on a reset, which is one way to be closed.
  const closed = new Promise<number>((resolve) => {
    socket.on('close', () => {
      isClosed = true;
      wake();
      resolve(closeCode);
    });
  });
  read();

  const next = async (): Promise<unknown> => {
    for (;;) {
      const text = texts.shift();
      if (text !== undefined) return JSON.parse(text);
      if (isClosed) throw new Error(`the socket is closed: ${closeCode}`);
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no frame in ${waitMs} ms`)), waitMs);
        waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  };

  /** To a socket that the server closed nothing is written, and that is no error: `closed` tells. */
  const write = (opcode: number, payload: Buffer): void => {
    if (socket.writable) socket.write(frame(opcode, payload));
  };

  return {
    sendText: (text) => write(textOpcode, Buffer.from(text)),
    sendJson: (value) => write(textOpcode, Buffer.from(JSON.stringify(value))),
    sendBinary: (bytes) => write(binaryOpcode, Buffer.from(bytes)),
    next,
    async nextMessage(name) {
      for (;;) {
        const value = await next();
        if (isFrame(value) && value.message === name) return value;
      }
    },
    binaries,
    closed,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => void socket.end(frame(closeOpcode, Buffer.alloc(0))),
  };
}

const isFrame = (value: unknown): value is { message: string; data: readonly unknown[] } =>
  typeof value === 'object' && value !== null && 'message' in value && 'data' in value;

/** A text frame of a client, for a socket that reads what comes in its own way. */
export const textFrame = (text: string): Buffer => frame(textOpcode, Buffer.from(text));

/** A client's frame is masked (RFC 6455 5.3). */
function frame(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const masked = Buffer.from(payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (head.length === 2 ? payload.length : head.length === 4 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(payload.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, mask, masked]);
}

/** A whole frame at the start of the bytes; null when there is none yet. Servers do not mask. */
function parse(bytes: Buffer): { opcode: number; payload: Buffer; sizeBytes: number } | null {
  const [first = 0, second = 0] = bytes;
  const start = second === 127 ? 10 : second === 126 ? 4 : 2;
  if (bytes.length < start) return null;
  const length = start === 2 ? second : start === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < start + length) return null;
  return { opcode: first & 15, payload: bytes.subarray(start, start + length), sizeBytes: start + length };
}
