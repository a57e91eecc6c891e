import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from './child.js';
import { freePort } from './free-port.js';
import { until } from './until.js';

const rtmpModule = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

export interface Nginx {
  readonly port: number;
  /** The address of a stream, for publishers and players alike. */
  url(name: string): string;
  stop(): Promise<void>;
}

/** nginx with its RTMP module on a free port of loopback, application `live`. */
export async function startNginx(): Promise<Nginx> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-nginx-'));
  writeFileSync(
    join(folder, 'nginx.conf'),
    `load_module ${rtmpModule};
    daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
    events { worker_connections 512; }
    rtmp { server { listen 127.0.0.1:${port}; chunk_size 4096;
      application live { live on; record off; wait_key on; } } }`,
  );
  const child = await startChild('nginx', [
    '-p',
    folder,
    '-c',
    join(folder, 'nginx.conf'),
    '-e',
    `${folder}/error.log`,
  ]);
  await until('nginx takes connections', () => accepts(port));
  return {
    port,
    url: (name) => `rtmp://127.0.0.1:${port}/live/${name}`,
    async stop() {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (is: boolean) => () => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', done(true)).once('error', done(false));
  });
}
