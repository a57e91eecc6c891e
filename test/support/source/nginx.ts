import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../server/child.js';
import { takesConnections } from '../server/free-port.js';
import { until } from '../until.js';
import { type RtmpServer, startRtmpServer } from './rtmp-server.js';

const rtmpModule = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

/** nginx with its RTMP module. `pulled`: an address by the name under which it pulls that. */
export function startNginx(pulled: Readonly<Record<string, string>> = {}): Promise<RtmpServer> {
  const pulls = Object.entries(pulled).map(([name, address]) => `pull "${address}" name=${name} static;`);
  return startRtmpServer(async (port, folder) => {
    const file = join(folder, 'nginx.conf');
    writeFileSync(
      file,
      `load_module ${rtmpModule};
      daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
      events { worker_connections 512; }
      rtmp { server { listen 127.0.0.1:${port}; chunk_size 4096;
        application live { live on; record off; wait_key on; ${pulls.join(' ')} } } }`,
    );
    const child = await startChild('nginx', ['-p', folder, '-c', file, '-e', `${folder}/error.log`]);
    await until('nginx takes connections', () => takesConnections(port));
    return child;
  });
}
