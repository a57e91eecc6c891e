/** redis-server, with a password, which may be killed and started again at the same port with what it had written. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from '../support/server/child.js';

export interface RedisProcess {
  readonly url: string;
  kill(): Promise<void>;
  /** `forgets`: it has lost all that it had. */
  start(forgets?: boolean): Promise<void>;
  end(): Promise<void>;
}

const port = 6379;
const password = 'password-of-the-tests';

export async function startRedis(address: string): Promise<RedisProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-redis-'));
  let child: Child | null = null;
  const start = async (): Promise<void> => {
    child = await startChild('redis-server', [
      ...['--port', String(port), '--bind', address, '--requirepass', password, '--dir', folder],
      ...['--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec', '--logfile', ''],
    ]);
    await child.line('it takes connections', (line) => line.includes('Ready to accept connections'));
  };
  await start();
  return {
    url: `redis://:${password}@${address}:${port}`,
    async kill() {
      await child?.stop('SIGKILL');
    },
    async start(forgets = false) {
      if (forgets) await rm(join(folder, 'appendonlydir'), { recursive: true, force: true });
      await start();
    },
    async end() {
      await child?.stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
