import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startChild } from '../server/child.js';
import { type RtmpServer, startRtmpServer } from './rtmp-server.js';

const program = resolve('node_modules/node-media-server/bin/app.js');

/**
 * node-media-server: it relays Enhanced RTMP, with headers for those who join late. `pulled`: an address by the name under which it
 * pulls that.
 */
export function startNodeMediaServer(pulled: Readonly<Record<string, string>> = {}): Promise<RtmpServer> {
  return startRtmpServer(async (port, folder) => {
    const data = join(folder, 'data');
    mkdirSync(data);
    // As its own API leaves them for the next start.
    const tasks = Object.entries(pulled).map(([name, url]) => {
      const streamPath = `/live/${name}`;
      return { id: streamPath, config: { url, mode: 'pull', streamPath } };
    });
    writeFileSync(join(data, 'relay_tasks.json'), JSON.stringify(tasks));
    const configuration = {
      bind: '127.0.0.1',
      rtmp: { port },
      notify: {},
      store: { path: data },
      auth: { play: false, publish: false, secret: 'not used' },
    };
    const file = join(folder, 'config.json');
    writeFileSync(file, JSON.stringify(configuration));
    const child = await startChild(process.execPath, [program, '--config', file, '--no-admin']);
    await child.line('it listens', (line) => line.includes('Rtmp Server listening'));
    return child;
  });
}
