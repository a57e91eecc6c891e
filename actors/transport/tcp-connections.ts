/**
 * Connections by ICE-TCP, passive (RFC 6544): of viewers whose network lets no UDP through. A connection has to begin with a valid
 * check and soon; otherwise it is cut off.
 */
import type { Socket } from 'node:net';
import { WireError } from '../../src/core/bytes/wire-error.js';
import { clientKey } from '../../src/core/guard/ip-address.js';
import { createFrameReader, writeFrame } from '../../src/core/ice/framing.js';
import { createDescriptors, reservedOf } from '../../src/net/descriptors.js';
import type { OnDatagram, RemotePath } from './route.js';

/** Connections that proved nothing yet: the oldest of the client that has most of them makes room for the next. */
const maxPending = 128;
const pendingMs = 5000;
/** What a slow viewer may owe: some 0.8 s of a stream of 2.5 Mbit/s. Beyond it, it waits for the next keyframe. */
const maxOwedBytes = 262_144;
/** After the end of a session what was sent before has so long to go out. */
const lingerMs = 2000;

export interface TcpConnectionsOptions {
  /** Ours, that they come to. */
  readonly address: string;
  readonly nowMs: () => number;
  readonly onDatagram: OnDatagram;
  /** The connection with this key is gone. */
  readonly onGone: (key: string) => void;
}

export interface TcpConnections {
  /** Nothing has been read from it. */
  take(socket: Socket): void;
  /** Cuts off who did not prove anything in time. */
  sweep(): void;
  close(): void;
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

interface Pending {
  readonly client: string;
  readonly sinceMs: number;
}

export function createTcpConnections({ address, nowMs, onDatagram, onGone }: TcpConnectionsOptions): TcpConnections {
  const sockets = new Set<Socket>();
  const descriptors = createDescriptors();
  const reserved = reservedOf(descriptors.limit ?? 0);
  /** By the time of their coming, oldest first. */
  const pending = new Map<Socket, Pending>();
  const makeRoom = (): void => {
    const counts = new Map<string, number>();
    for (const { client } of pending.values()) counts.set(client, (counts.get(client) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const [oldest] = [...pending].find(([, { client }]) => counts.get(client) === most) ?? [];
    if (oldest === undefined) return;
    pending.delete(oldest);
    oldest.destroy();
  };

  /** What is left of the descriptors is for sources and control: viewers have UDP too. */
  const isLastDescriptor = (): boolean => {
    const free = descriptors.free(nowMs());
    return free !== null && free < reserved;
  };

  return {
    take(socket) {
      descriptors.add(1);
      socket.on('close', () => descriptors.add(-1));
      // It is closed already: nobody could be answered.
      if (socket.remoteAddress === undefined || isLastDescriptor()) return void socket.destroy();
      if (pending.size >= maxPending) makeRoom();
      const remote = remoteOf(socket, address);
      const frames = createFrameReader();
      sockets.add(socket);
      pending.set(socket, { client: clientKey(remote.address), sinceMs: nowMs() });
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
    },
    sweep() {
      for (const [socket, { sinceMs }] of pending) if (nowMs() - sinceMs >= pendingMs) socket.destroy();
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
