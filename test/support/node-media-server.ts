import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startChild } from './child.js';
import { freePort } from './free-port.js';

const program = resolve('node_modules/node-media-server/bin/app.js');

export interface NodeMediaServer {
  readonly port: number;
  /** The address of a stream, for publishers and players alike. */
  url(name: string): string;
  stop(): Promise<void>;
}

/** node-media-server on a free port of loopback: it relays Enhanced RTMP, with headers for those who join late. */
export async function startNodeMediaServer(): Promise<NodeMediaServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-nms-'));
  const configuration = {
    ...{ bind: '127.0.0.1', rtmp: { port }, notify: {}, store: { path: './data' } },
    auth: { play: false, publish: false, secret: 'not used' },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(configuration));
  const child = await startChild(process.execPath, [program, '--config', join(folder, 'config.json'), '--no-admin']);
  await child.line('it listens', (line) => line.includes('Rtmp Server listening'));
  return {
    port,
    url: (name) => `rtmp://127.0.0.1:${port}/live/${name}`,
    async stop() {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
