/**
 * A channel of messages to another process: structured clones over a stream socket, each behind its length of 32 bits (big
 * endian). Nothing is transferred: bytes are copied. A peer that breaks the form is disconnected.
 */
import { EventEmitter } from 'node:events';
import { connect, type Socket } from 'node:net';
import { DefaultSerializer, deserialize } from 'node:v8';
import type { ChannelEnd, SideProcessPlace } from '../contract.js';

/** Far more than a frame has. */
const maxMessageBytes = 67_108_864;
const headBytes = 4;
const noHead = Buffer.alloc(headBytes);

/** In one buffer, so that one call of the system writes it. */
function withHead(message: unknown): Buffer {
  const serializer = new DefaultSerializer();
  serializer.writeRawBytes(noHead);
  serializer.writeHeader();
  serializer.writeValue(message);
  const bytes = serializer.releaseBuffer();
  bytes.writeUInt32BE(bytes.length - headBytes);
  return bytes;
}

/** From now on the socket is the channel's alone. */
export function createSocketPort<In, Out>(socket: Socket): ChannelEnd<In, Out> {
  const events = new EventEmitter();
  let isClosed = false;
  let parts: Buffer[] = [];
  let received = 0;

  /** The next whole message of what was received; null: it has not come yet. */
  const take = (): Buffer | null => {
    if (received < headBytes) return null;
    if ((parts[0]?.length ?? 0) < headBytes) parts = [Buffer.concat(parts)];
    const length = parts[0]?.readUInt32BE(0) ?? 0;
    if (length > maxMessageBytes) {
      socket.destroy();
      return null;
    }
    if (received < headBytes + length) return null;
    const whole = parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
    const rest = whole.subarray(headBytes + length);
    parts = rest.length === 0 ? [] : [rest];
    received = rest.length;
    return whole.subarray(headBytes, headBytes + length);
  };

  const receive = (bytes: Buffer): void => {
    parts.push(bytes);
    received += bytes.length;
    for (let message = take(); message !== null; message = take()) {
      events.emit('message', deserialize(message));
    }
  };

  // What went wrong is followed by `close`.
  socket.on('error', () => {});
  socket.once('close', () => {
    isClosed = true;
    events.emit('close');
  });

  return {
    postMessage(message) {
      if (!isClosed) socket.write(withHead(message));
    },
    on(event: 'message' | 'close', listener: (message: In) => void) {
      events.on(event, listener);
      if (event === 'message' && events.listenerCount('message') === 1) socket.on('data', receive);
    },
    close() {
      socket.end();
      // The end of the other side is noticed by reading alone.
      socket.resume();
    },
  };
}

/** Connects to a process that waits for it. Error: that of the system. */
export function connectTo<In, Out>({
  path,
  token,
}: Pick<SideProcessPlace, 'path' | 'token'>): Promise<ChannelEnd<In, Out>> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.off('error', reject);
      socket.write(token);
      resolve(createSocketPort(socket));
    }).once('error', reject);
  });
}
