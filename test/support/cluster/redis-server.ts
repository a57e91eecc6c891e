/** A redis-server of a test's own: on a free port of 127.0.0.1, in a folder of its own, with nothing on disk unless it is asked for. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { type Child, startChild } from '../server/child.js';
import { freePort } from '../server/free-port.js';

export interface RedisServer {
  readonly port: number;
  /** redis:// or, with a certificate, rediss:// of `localhost`. */
  readonly url: string;
  /** Starts it again at the same port, with what is on its disk: nothing, unless `isKept`. */
  restart(): Promise<void>;
  /** What it has on its disk is gone. */
  forget(): void;
  /** FLUSHALL, while it runs. Of one without TLS. */
  flush(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: it takes connections, and answers nothing. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

interface RedisServerOptions {
  readonly password?: string;
  /** Further lines of its configuration. */
  readonly lines?: readonly string[];
  /** In PEM form. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Without one: 127.0.0.1. */
  readonly host?: string;
  /** It writes down what it is told, each second. */
  readonly isKept?: boolean;
}

export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { password, lines: further = [], tls, host = '127.0.0.1', isKept = false } = options;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-redis-'));
  const port = await freePort();
  const lines = [`bind ${host}`, `dir ${folder}`, 'save ""', `appendonly ${isKept ? 'yes' : 'no'}`, 'daemonize no'];
  lines.push(...further);
  if (password !== undefined) lines.push(`requirepass ${password}`);
  if (tls === undefined) lines.push(`port ${port}`);
  else {
    writeFileSync(join(folder, 'cert.pem'), tls.cert);
    writeFileSync(join(folder, 'key.pem'), tls.key);
    lines.push('port 0', `tls-port ${port}`, 'tls-cert-file cert.pem', 'tls-key-file key.pem', 'tls-auth-clients no');
  }
  const file = join(folder, 'redis.conf');
  writeFileSync(file, lines.join('\n'));

  const start = async (): Promise<Child> => {
    const child = await startChild('redis-server', [file]);
    await child.line('redis-server is ready', (line) => line.includes('Ready to accept connections'));
    return child;
  };
  let child = await start();
  const end = async (): Promise<void> => void (await child.stop('SIGKILL'));
  return {
    port,
    url: tls === undefined ? `redis://${host}:${port}` : `rediss://localhost:${port}`,
    async restart() {
      await end();
      child = await start();
    },
    forget: () => rmSync(join(folder, 'appendonlydir'), { recursive: true, force: true }),
    async flush() {
      const client = createClient({ socket: { host, port }, ...(password === undefined ? {} : { password }) });
      await client.connect();
      await client.flushAll();
      client.destroy();
    },
    kill: end,
    pause: () => process.kill(child.pid, 'SIGSTOP'),
    resume: () => process.kill(child.pid, 'SIGCONT'),
    async stop() {
      await end();
      rmSync(folder, { recursive: true });
    },
  };
}
