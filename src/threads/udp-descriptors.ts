/** The descriptors of this process's UDP sockets, out of /proc: Node does not expose them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Those that are bound to this port on any address; none without /proc. */
export function udpDescriptors(port: number): readonly number[] {
  const inodes = new Set(['udp', 'udp6'].flatMap((table) => inodesAt(table, port)));
  if (inodes.size === 0) return [];
  return namesIn('/proc/self/fd')
    .map(Number)
    .filter((descriptor) => inodes.has(linkOf(descriptor)));
}

/** proc_pid_net(5): a heading, then a line per socket. The local address ends in the port; the tenth field is the inode. */
function inodesAt(table: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  try {
    const lines = readFileSync(`/proc/self/net/${table}`, 'latin1').split('\n').slice(1);
    return lines
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local]) => local?.endsWith(suffix) === true)
      .map((fields) => `socket:[${fields[9]}]`);
  } catch {
    return [];
  }
}

/** Empty where the folder cannot be read: without /proc, or without a free descriptor. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(descriptor: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return ''; // Closed meanwhile, like the descriptor of the folder itself.
  }
}
