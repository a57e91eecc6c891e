/** A server, its viewer, and a host on another wire that sends under the viewer's address, as one with raw sockets would. */
import type { TestContext } from 'node:test';
import { type Child, startChild } from '../server/child.js';
import { ip } from './network.js';

export const serverAddress = '10.213.8.1';
export const viewerAddress = '10.213.8.2';

type Host = 'server' | 'viewer' | 'forger';

export interface ForgedNetwork {
  /** What starts a program on that host. */
  under(host: Host): readonly string[];
  start(host: Host, program: URL, args: readonly string[]): Promise<Child>;
  /** Datagrams that the kernel has given to sockets of the server's host. */
  received(): number;
}

export function createForgedNetwork(t: TestContext): ForgedNetwork {
  const nameOf = (host: Host): string => `sluice-${host}-${process.pid}`;
  const under = (host: Host): readonly string[] => ['ip', 'netns', 'exec', nameOf(host)];
  const on = (host: Host, ...args: readonly string[]): string => ip('netns', 'exec', nameOf(host), ...args);
  for (const host of ['server', 'viewer', 'forger'] as const) {
    ip('netns', 'add', nameOf(host));
    t.after(() => ip('netns', 'del', nameOf(host)));
    on(host, 'ip', 'link', 'set', 'lo', 'up');
  }
  for (const host of ['viewer', 'forger'] as const) {
    const here = `to-${host}`;
    on('server', 'ip', 'link', 'add', here, 'type', 'veth', 'peer', 'name', 'wire', 'netns', nameOf(host));
    on('server', 'ip', 'link', 'set', here, 'up');
    on(host, 'ip', 'addr', 'add', `${viewerAddress}/24`, 'dev', 'wire');
    on(host, 'ip', 'link', 'set', 'wire', 'up');
  }
  // The way back leads to the viewer alone; what comes from elsewhere under its address is let in, as on the internet.
  on('server', 'ip', 'addr', 'add', `${serverAddress}/24`, 'dev', 'to-viewer');
  for (const wire of ['all', 'to-viewer', 'to-forger']) {
    on('server', 'sh', '-c', `echo 0 > /proc/sys/net/ipv4/conf/${wire}/rp_filter`);
  }
  const mac = on('server', 'cat', '/sys/class/net/to-forger/address').trim();
  on('forger', 'ip', 'neigh', 'replace', serverAddress, 'lladdr', mac, 'dev', 'wire');
  return {
    under,
    async start(host, program, args) {
      const [command = '', ...words] = [...under(host), process.execPath, program.pathname, ...args];
      const child = await startChild(command, words, { stdin: 'pipe' });
      t.after(() => child.stop('SIGKILL'));
      return child;
    },
    received: () => Number(/^Udp: (\d+)/m.exec(on('server', 'cat', '/proc/net/snmp'))?.[1]),
  };
}
