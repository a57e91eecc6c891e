import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startStage } from './stage.js';

const findAll = '/rest-api/pull/rtmp/find_all';
const controlPaths = [findAll, '/api/streams', '/metrics', '/rest-api/stream/find_all'];

/** The status of a GET at a port of 127.0.0.1 or at a unix socket. */
function statusAt(at: number | string, path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const place = typeof at === 'number' ? { host: '127.0.0.1', port: at } : { socketPath: at };
    request({ ...place, path, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

test('with a port of its own control is answered there, and the public ports have none of it', async (t) => {
  const stage = await startStage({ settings: { control: { listen: '127.0.0.1:0', apiKeys: ['a-key-of-16-chars'] } } });
  t.after(() => stage.end());
  const { controlPort, restPort, wsPort } = stage.server;
  assert.ok(controlPort !== null);
  for (const path of controlPaths) {
    assert.equal(await statusAt(controlPort, path), 200, path);
    for (const port of [restPort, wsPort]) {
      assert.equal(await statusAt(port, path, { 'X-Api-Key': 'a-key-of-16-chars' }), 404, path);
    }
  }
  assert.equal((await stage.ask('/?action=stat')).body, 'the text of console.html');
  assert.equal(await statusAt(controlPort, '/?action=stat'), 200);
  assert.equal(await statusAt(restPort, '/healthz'), 200);
});

test('control on a port of its own still asks who is there', async (t) => {
  const control = { listen: '127.0.0.1:0', loopback: false };
  const stage = await startStage({ settings: { control } });
  t.after(() => stage.end());
  assert.equal(await statusAt(stage.server.controlPort ?? 0, findAll), 401);
});

test('server.trustedProxies ends the trust in loopback on the public ports, not on the port of control', async (t) => {
  const server = { trustedProxies: ['10.0.0.1'] };
  const apart = await startStage({ settings: { server, control: { listen: '127.0.0.1:0' } } });
  t.after(() => apart.end());
  assert.equal(await statusAt(apart.server.controlPort ?? 0, findAll), 200);
  const together = await startStage({ settings: { server } });
  t.after(() => together.end());
  assert.equal((await together.ask(findAll)).status, 401);
});

test('a unix socket is for the user of the server, and is gone with it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-control-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'control.sock');
  const control = { listen: `unix:${path}` };
  const first = await startStage({ settings: { control } });
  assert.equal(statSync(path).mode & 0o077, 0);
  assert.equal(await statusAt(path, findAll), 200);
  assert.equal(await statusAt(path, findAll, { 'X-Forwarded-For': '192.0.2.7' }), 401);
  assert.equal(first.server.controlPort, 0);
  await first.end();
  assert.equal(existsSync(path), false);
});

test('a place where control cannot listen is an error that names the key', async () => {
  const control = { listen: 'unix:/no/such/folder/control.sock' };
  await assert.rejects(startStage({ settings: { control } }), /control\.listen/);
});
