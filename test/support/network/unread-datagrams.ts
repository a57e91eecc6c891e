/** What the kernel threw away of UDP as a program did not read it in time, on IPv4 (proc_net_udp). */
import { readFileSync } from 'node:fs';

/** Datagrams, since each socket was opened: of those at this port, or of all that are open. */
export function unreadDatagrams(port?: number): number {
  const end = port === undefined ? '' : `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const [, ...sockets] = readFileSync('/proc/net/udp', 'latin1').trim().split('\n');
  return sockets
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address = '']) => address.endsWith(end))
    .reduce((sum, fields) => sum + Number(fields.at(-1)), 0);
}
