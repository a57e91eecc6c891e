/** The kernel's number of a connection, for the add-on in C. */
import type { Socket } from 'node:net';

/** Node does not show it; -1: the socket is closed. */
export function descriptorOf(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle');
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : -1;
  return typeof fd === 'number' ? fd : -1;
}
