import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startSluice } from '../support/server/sluice.js';
import { until } from '../support/until.js';

const limit = 150;

test('with few descriptors and many silent connections control is answered, and no loop spins', async (t) => {
  const sluice = await startSluice(
    ['--control.loopback=false', '--control.allow=127.0.0.99', '--supervisor.spareThreads=0'],
    '.',
    ['prlimit', `--nofile=${limit}:${limit}`],
  );
  t.after(() => sluice.stop());
  const port = Number(new URL(sluice.rest).port);
  const silent = Array.from({ length: 200 }, (_, n) =>
    connect({ host: '127.0.0.1', port, localAddress: `127.0.0.${2 + (n % 30)}` }).on('error', () => {}),
  );
  t.after(() => {
    for (const socket of silent) socket.destroy();
  });
  const { why, freeDescriptors } = await sluice.logged('server.connectionRefused');
  assert.equal(why, 'noDescriptors');
  assert.ok(Number(freeDescriptors) > 20, 'the reserve is there');
  await until('all are connected or closed', () => silent.every(({ connecting }) => !connecting));

  for (let n = 0; n < 5; n += 1) assert.equal(await get(port, '/rest-api/pull/rtmp/find_all'), 200);
  assert.match(await bodyOf(port, '/metrics'), /sluice_connections_refused_total\{why="noDescriptors"\} \d+/);
  const [cpuMs, startMs] = [await cpuMsOf(port), performance.now()];
  await until('a second has passed', () => performance.now() - startMs > 1000);
  const share = ((await cpuMsOf(port)) - cpuMs) / (performance.now() - startMs);
  assert.ok(share < 0.5, `the process takes ${share.toFixed(2)} of a core while they wait`);
});

async function cpuMsOf(port: number): Promise<number> {
  const seconds = /^process_cpu_seconds_total ([\d.e-]+)/m.exec(await bodyOf(port, '/metrics'))?.[1];
  return 1000 * Number(seconds ?? assert.fail('no CPU time in the metrics'));
}

const ask = (port: number, path: string) =>
  new Promise<{ readonly status: number; readonly body: string }>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, localAddress: '127.0.0.99', agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
const get = async (port: number, path: string): Promise<number> => (await ask(port, path)).status;
const bodyOf = async (port: number, path: string): Promise<string> => (await ask(port, path)).body;
