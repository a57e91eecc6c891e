/** Two hosts with a wire between them: network namespaces of this machine. Loopback has no queue that is ever full. */
import { execFileSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import { type Child, startChild } from '../server/child.js';

export interface Network {
  readonly senderAddress: string;
  readonly receiverAddress: string;
  /** A program of this tree with Node, on one of the two hosts. */
  start(host: 'sender' | 'receiver', program: URL, args?: readonly string[]): Promise<Child>;
  /** What stands before the command of a program that is to run on this host. */
  under(host: 'sender' | 'receiver'): readonly string[];
  /** From now on what the receiver sends is refused where it is so: `ip rule`. */
  block(...what: readonly string[]): void;
  /** `tc qdisc` of the sender's wire: what it does with packets that leave. */
  shape(...discipline: readonly string[]): void;
  setMtu(bytes: number): void;
}

const senderAddress = '10.213.7.1';
const receiverAddress = '10.213.7.2';

/** Gives what the program prints. */
export function ip(...args: readonly string[]): string {
  try {
    return execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    throw new Error(
      `this test needs network namespaces: run it as root, with iproute2, where the kernel and the container allow them. ` +
        `ip ${args.join(' ')}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** By this process: each has names of its own. */
let made = 0;

export function createNetwork(t: TestContext): Network {
  made += 1;
  const [sender, receiver] = [`sluice-s-${process.pid}-${made}`, `sluice-r-${process.pid}-${made}`];
  const on = (host: string, ...args: readonly string[]): string => ip('netns', 'exec', host, ...args);
  const wires = { [sender]: 'wire-s', [receiver]: 'wire-r' };
  for (const host of [sender, receiver]) {
    ip('netns', 'add', host);
    t.after(() => ip('netns', 'del', host));
    on(host, 'ip', 'link', 'set', 'lo', 'up');
  }
  on(sender, 'ip', 'link', 'add', 'wire-s', 'type', 'veth', 'peer', 'name', 'wire-r', 'netns', receiver);
  for (const [host, address] of [
    [sender, senderAddress],
    [receiver, receiverAddress],
  ] as const) {
    on(host, 'ip', 'addr', 'add', `${address}/24`, 'dev', wires[host] ?? '');
    on(host, 'ip', 'link', 'set', wires[host] ?? '', 'up');
  }
  return {
    senderAddress,
    receiverAddress,
    async start(host, program, args = []) {
      const namespace = host === 'sender' ? sender : receiver;
      const command = ['netns', 'exec', namespace, process.execPath, program.pathname, ...args];
      const child = await startChild('ip', command, { stdin: 'pipe' });
      t.after(() => child.stop('SIGKILL'));
      return child;
    },
    under: (host) => ['ip', 'netns', 'exec', host === 'sender' ? sender : receiver],
    block: (...what) => void on(receiver, 'ip', 'rule', 'add', 'pref', '1', ...what, 'prohibit'),
    shape: (...discipline) => void on(sender, 'tc', 'qdisc', 'replace', 'dev', 'wire-s', 'root', ...discipline),
    setMtu(bytes) {
      for (const host of [sender, receiver]) on(host, 'ip', 'link', 'set', wires[host] ?? '', 'mtu', String(bytes));
    },
  };
}
