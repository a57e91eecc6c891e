/** The descriptors of this process's UDP sockets, as the kernel tells: Node does not. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Those that are bound to this port, on whatever address; none where the kernel does not tell. */
export function udpDescriptors(port: number): readonly number[] {
  const inodes = new Set(['udp', 'udp6'].flatMap((table) => inodesAt(table, port)));
  if (inodes.size === 0) return [];
  return namesIn('/proc/self/fd')
    .map(Number)
    .filter((descriptor) => inodes.has(linkOf(descriptor)));
}

/** proc_pid_net(5): a head, then a line a socket; its local address ends in the port, its tenth field is the inode. */
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

/** None where the folder cannot be read: there is no /proc, or no descriptor to read it by. */
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
    return ''; // Closed meanwhile: the one by which the folder was read.
  }
}
