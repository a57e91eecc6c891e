/** The kernel's table of TCP connections (proc_pid_net(5): /proc/net/tcp and tcp6), for who holds how many of ours. */
import { clientKey, parseAddress } from './ip-address.js';

/** States in which a process holds a descriptor: all but TIME_WAIT, SYN_RECV and LISTEN (include/net/tcp_states.h). */
const withoutDescriptor: ReadonlySet<string> = new Set(['03', '06', '0A', '0C']);

const line = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):[0-9A-F]{4} ([0-9A-F]{2}) /;

/** How many connections to our `ports` each client has, by `clientKey`. Lines that cannot be read are left out. */
export function countClients(table: string, ports: ReadonlySet<number>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of table.split('\n')) {
    const [, port = '', remote = '', state = ''] = line.exec(text) ?? [];
    if (remote === '' || withoutDescriptor.has(state) || !ports.has(Number.parseInt(port, 16))) continue;
    const key = clientKey(addressOf(remote));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Words of four bytes, each in the byte order of the machine; those that Sluice runs on are little-endian. */
function addressOf(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  bytes.swap32();
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, n) => bytes.readUInt16BE(2 * n).toString(16));
  return parseAddress(groups.join(':'))?.toString() ?? '';
}
