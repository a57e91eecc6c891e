/**
 * Some hosts on one switch: network namespaces of this machine, gone with the process that made them. A further one, the hub, has the
 * switch, and in it runs whatever is no host: the program that calls `inHub`, its browser, its servers.
 */
import { execFileSync, spawn } from 'node:child_process';

export const hubAddress = '10.214.7.1';

export interface Host {
  readonly name: string;
  readonly address: string;
  /** What a program is started by to run there. */
  readonly under: readonly string[];
  /** Pulls its plug at the switch, or puts it in again. To be called in the hub. */
  setLink(isUp: boolean): void;
}

function ip(...args: readonly string[]): void {
  try {
    execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    throw new Error(
      `this test needs network namespaces: run it as root, with iproute2, where the kernel and the container allow them. ` +
        `ip ${args.join(' ')}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

const markOf = (): string | undefined => process.env.SLUICE_TEST_HUB;
const namespaceOf = (mark: string, host: string): string => `${mark}-${host}`;

/** The hosts of these names, as the program in the hub sees them. */
export function hostsOf(names: readonly string[]): readonly Host[] {
  const mark = markOf();
  if (mark === undefined) throw new Error('hosts are there in the hub alone: inHub');
  return names.map((name, n) => ({
    name,
    address: `10.214.7.${11 + n}`,
    under: ['ip', 'netns', 'exec', namespaceOf(mark, name)],
    setLink: (isUp) => ip('link', 'set', `to-${name}`, isUp ? 'up' : 'down'),
  }));
}

/**
 * Runs this very program once more in the hub, beside hosts of these names, and gives its exit code; null: it runs there already. The
 * program has its arguments and output.
 */
export async function inHub(names: readonly string[]): Promise<number | null> {
  if (markOf() !== undefined) return null;
  const mark = `sluice-${process.pid}`;
  const hub = namespaceOf(mark, 'hub');
  const made: string[] = [];
  const add = (namespace: string): void => {
    ip('netns', 'add', namespace);
    made.push(namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
  };
  try {
    add(hub);
    ip('-n', hub, 'link', 'add', 'switch', 'type', 'bridge');
    ip('-n', hub, 'addr', 'add', `${hubAddress}/24`, 'dev', 'switch');
    ip('-n', hub, 'link', 'set', 'switch', 'up');
    for (const [n, name] of names.entries()) {
      const host = namespaceOf(mark, name);
      add(host);
      ip('-n', hub, 'link', 'add', `to-${name}`, 'type', 'veth', 'peer', 'name', 'wire', 'netns', host);
      ip('-n', hub, 'link', 'set', `to-${name}`, 'master', 'switch', 'up');
      ip('-n', host, 'addr', 'add', `10.214.7.${11 + n}/24`, 'dev', 'wire');
      ip('-n', host, 'link', 'set', 'wire', 'up');
    }
    return await runIn(hub, mark);
  } finally {
    for (const namespace of made) ip('netns', 'del', namespace);
  }
}

function runIn(namespace: string, mark: string): Promise<number> {
  const [node = '', ...words] = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn('ip', ['netns', 'exec', namespace, node, ...words], {
    stdio: 'inherit',
    env: { ...process.env, SLUICE_TEST_HUB: mark },
  });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', pass).on('SIGTERM', pass);
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
}
