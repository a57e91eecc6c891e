/**
 * Notes in the block of the thread at which ports it has UDP sockets, whoever opens them: the supervisor must be able to take them
 * away from it, also where no add-on tells which they are.
 */
import { Socket } from 'node:dgram';
import { subscribe } from 'node:diagnostics_channel';
import { noteUdpPort } from '../../src/core/supervise/beat-block.js';

/** Of those that are opened from now on. */
export function noteUdpSockets(words: Int32Array): void {
  const counts = new Map<number, number>();
  const count = (port: number, more: 1 | -1): void => {
    const sockets = (counts.get(port) ?? 0) + more;
    counts.set(port, sockets);
    if (sockets === 0) counts.delete(port);
    noteUdpPort(words, port, sockets > 0);
  };
  subscribe('udp.socket', (message) => {
    const socket = socketIn(message);
    socket?.once('listening', () => {
      const { port } = socket.address();
      count(port, 1);
      socket.once('close', () => count(port, -1));
    });
  });
}

const socketIn = (message: unknown): Socket | null =>
  typeof message === 'object' && message !== null && 'socket' in message && message.socket instanceof Socket
    ? message.socket
    : null;
