/** What the kernel holds for a TCP connection of this machine, IPv4. */
import { readFileSync } from 'node:fs';

/** Bytes that the socket with this own port, connected to the other one, has not sent off, and has not read. */
export function tcpQueues(ownPort: number, peerPort: number): { readonly sending: number; readonly unread: number } {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
  const line = new RegExp(`: [0-9A-F]{8}:${hex(ownPort)} [0-9A-F]{8}:${hex(peerPort)} [0-9A-F]{2} (\\w{8}):(\\w{8})`);
  const [, sending = '', unread = ''] = line.exec(readFileSync('/proc/net/tcp', 'latin1')) ?? [];
  if (sending === '') throw new Error(`no connection from port ${ownPort} to ${peerPort}`);
  return { sending: Number.parseInt(sending, 16), unread: Number.parseInt(unread, 16) };
}
