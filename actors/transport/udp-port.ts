/** One UDP socket on one address: never throws, never queues without a bound. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { readThrown } from '../../src/errors.js';
import type { OnDatagram, RemotePath, UdpRoute } from './route.js';
import type { SendQueue } from './send-queue.js';

/** A keyframe to many viewers leaves in one burst; the kernel cuts this down to what it allows. */
export const socketBufferBytes = 4 * 1024 * 1024;

export interface UdpPort {
  readonly port: number;
  pathTo(address: string, port: number): RemotePath;
  close(): Promise<void>;
}

/** Gives false for what was not taken. */
export type SendTo = (datagram: Uint8Array, port: number, address: string) => boolean;

/** Paths from a socket to others. */
export const pathsFrom =
  (local: Pick<UdpRoute, 'localAddress' | 'localPort' | 'descriptor'>, send: SendTo) =>
  (address: string, port: number): RemotePath => ({
    key: `udp ${local.localAddress} ${address} ${port}`,
    address,
    port,
    route: { ...local, address, port },
    send: (datagram) => send(datagram, port, address),
    close: () => {},
  });

type Lookup = (hostname: string, options: unknown, callback: (...result: [null, string, 4 | 6]) => void) => void;

/** `descriptor`: of a socket that is bound there already; -1: none. */
export async function openUdpPort(
  address: string,
  port: number,
  descriptor: number,
  queue: SendQueue,
  onDatagram: OnDatagram,
): Promise<UdpPort> {
  const family = isIPv6(address) ? 6 : 4;
  // Addresses only: nothing is looked up, least of all for each datagram.
  const lookup: Lookup = (hostname, _options, callback) => callback(null, hostname, family);
  const socket = createSocket({ type: `udp${family}`, ipv6Only: family === 6, lookup });
  let open = true;

  const send: SendTo = (datagram, toPort, toAddress) => {
    if (!open || !queue.take(datagram.length)) return false;
    socket.send(datagram, toPort, toAddress, (error) => queue.done(datagram.length, error && reasonOf(error)));
    return true;
  };

  try {
    // Awaited afterwards: with this look-up the socket may be bound before bind returns.
    const listening = once(socket, 'listening');
    socket.bind(descriptor >= 0 ? { fd: descriptor } : { address, port, exclusive: true });
    await listening;
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.setRecvBufferSize(socketBufferBytes);
  socket.setSendBufferSize(socketBufferBytes);
  const localPort = socket.address().port;
  const pathTo = pathsFrom({ localAddress: address, localPort }, send);
  socket.on('error', (error) => queue.lost(error.message));
  socket.on('message', (datagram, remote) => {
    // A forged source port of 0 cannot be answered: send would throw.
    if (open && remote.port !== 0) onDatagram(datagram, pathTo(remote.address, remote.port));
  });
  return {
    port: localPort,
    pathTo,
    async close() {
      if (!open) return;
      open = false;
      socket.close();
      await once(socket, 'close');
    },
  };
}

function reasonOf(error: Error): string {
  const { code, message } = readThrown(error);
  return code || message;
}
