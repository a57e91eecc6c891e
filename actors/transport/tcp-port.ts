/**
 * ICE-TCP, passive (RFC 6544): viewers whose network lets no UDP through connect here. A connection has to begin with a
 * valid check and soon; otherwise it is cut off.
 */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { WireError } from '../../src/core/bytes/wire-error.js';
import { createFrameReader, writeFrame } from '../../src/core/ice/framing.js';
import type { OnDatagram, RemotePath } from './route.js';

/** Connections that proved nothing yet: the oldest makes room for the next. */
const maxPending = 128;
const pendingMs = 5000;
/** What a slow viewer may owe: some 0.8 s of a stream of 2.5 Mbit/s. Beyond it, it waits for the next keyframe. */
const maxOwedBytes = 262_144;
/** After the end of a session what was sent before has so long to go out. */
const lingerMs = 2000;

export interface TcpPort {
  /** Cuts off who did not prove anything in time. */
  sweep(): void;
  close(): Promise<void>;
}

export interface TcpPortOptions {
  readonly address: string;
  readonly port: number;
  /** Of a socket that listens there already; -1: none. */
  readonly descriptor: number;
  readonly nowMs: () => number;
  readonly onDatagram: OnDatagram;
  /** A connection that could not be taken: no descriptor was left, for example. */
  readonly onRefused: (error: Error) => void;
  /** The connection with this key is gone. */
  readonly onGone: (key: string) => void;
}

function remoteOf(socket: Socket, localAddress: string): RemotePath {
  const address = socket.remoteAddress ?? '';
  const port = socket.remotePort ?? 0;
  return {
    key: `tcp ${localAddress} ${address} ${port}`,
    address,
    port,
    route: null,
    send(datagram) {
      if (socket.destroyed || !socket.writable || socket.writableLength > maxOwedBytes) return false;
      socket.write(writeFrame(datagram));
      return true;
    },
    close() {
      if (socket.destroyed) return;
      socket.setTimeout(lingerMs, () => socket.destroy());
      socket.destroySoon();
    },
  };
}

export async function openTcpPort(options: TcpPortOptions): Promise<TcpPort> {
  const { nowMs, onDatagram, onGone } = options;
  const sockets = new Set<Socket>();
  /** By the time of their coming, oldest first. */
  const pending = new Map<Socket, number>();

  const server = createServer({ noDelay: true }, (socket) => {
    const [oldest] = pending.keys();
    if (pending.size >= maxPending) oldest?.destroy();
    const remote = remoteOf(socket, options.address);
    const frames = createFrameReader();
    sockets.add(socket);
    pending.set(socket, nowMs());
    socket.on('data', (chunk) => {
      try {
        for (const frame of frames.push(chunk)) {
          if (socket.destroyed) return;
          if (onDatagram(frame, remote)) pending.delete(socket);
          else socket.destroy();
        }
      } catch (error) {
        socket.destroy(); // A broken frame: nothing behind it can be read.
        if (!(error instanceof WireError)) throw error;
      }
    });
    // 'close' follows, and says all that matters.
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      pending.delete(socket);
      onGone(remote.key);
    });
  });

  const listening = once(server, 'listening');
  const { address: host, port, descriptor } = options;
  server.listen(descriptor >= 0 ? { fd: descriptor } : { host, port, ipv6Only: true, exclusive: true });
  await listening;
  server.on('error', options.onRefused);
  return {
    sweep() {
      for (const [socket, sinceMs] of pending) if (nowMs() - sinceMs >= pendingMs) socket.destroy();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
