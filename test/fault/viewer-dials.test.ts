import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';

const offer = readFileSync('test/fixtures/offers/chromium-156.sdp', 'utf8');

interface Target {
  readonly port: number;
  /** Of each connection so far, the bytes that came. */
  readonly connections: readonly { bytes: number }[];
}

/** Somebody who never asked to be dialled. */
async function startTarget(t: TestContext, onConnection: (socket: Socket) => void): Promise<Target> {
  const connections: { bytes: number }[] = [];
  const server: Server = createServer((socket) => {
    const connection = { bytes: 0 };
    connections.push(connection);
    socket.on('data', (chunk) => {
      connection.bytes += chunk.length;
    });
    socket.on('error', () => {});
    t.after(() => socket.destroy());
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  return { port: address.port, connections };
}

const play = async (
  sluice: RunningSluice,
  port: number,
): Promise<{ readonly status: number; readonly code: unknown }> => {
  const uri = encodeURIComponent(`rtmp://127.0.0.1:${port}/live/cam`);
  const answer = await fetch(`${sluice.rest}/whep/${uri}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp' },
    body: offer,
  });
  const body: unknown = await answer.json();
  return {
    status: answer.status,
    code: typeof body === 'object' && body !== null && 'code' in body ? body.code : null,
  };
};

const answers = { status: 409, code: 'source.unavailable' };

test('one offer of a viewer is one connection to whoever it names, who closes it, is silent, or talks of something else', async (t) => {
  const sluice = await startSluice([
    '--pulls.viewerAllow=127.0.0.0/8',
    '--pulls.viewerPorts=',
    '--rtmp.connectTimeoutMs=1000',
  ]);
  t.after(() => sluice.stop());
  const targets = await Promise.all([
    startTarget(t, (socket) => socket.end()),
    startTarget(t, () => {}),
    startTarget(t, (socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n')),
    startTarget(t, (socket) => socket.resetAndDestroy()),
  ]);
  const told = await Promise.all(targets.map(({ port }) => play(sluice, port)));
  assert.deepEqual(told, [answers, answers, answers, answers]);
  assert.deepEqual(await play(sluice, 1), answers, 'a closed port');
  // Were it dialled again, that would be after 0.2 s and 0.4 s: the next offer shows that nothing came between.
  const before = targets.map(({ connections }) => connections.length);
  assert.deepEqual(before, [1, 1, 1, 1]);
  assert.ok(targets.every(({ connections }) => (connections[0]?.bytes ?? 0) <= 1537));
  const started = sluice.log().filter(({ event }) => event === 'actor.up' || event === 'source.lost');
  assert.deepEqual(started, []);
  const reasons = sluice.log().flatMap((line) => (line.event === 'source.notAnswered' ? [String(line.reason)] : []));
  assert.deepEqual(new Set(reasons).size > 2, true, `the operator learns why: ${reasons.join(', ')}`);
});

test('ports that are not in pulls.viewerPorts are not dialled', async (t) => {
  const sluice = await startSluice(['--pulls.viewerAllow=127.0.0.0/8']);
  t.after(() => sluice.stop());
  const target = await startTarget(t, () => {});
  assert.deepEqual(await play(sluice, target.port), answers);
  assert.equal(target.connections.length, 0);
});

test('all clients together have one host dialled so often a minute', async (t) => {
  const sluice = await startSluice([
    '--pulls.viewerAllow=127.0.0.0/8',
    '--pulls.viewerPorts=',
    '--pulls.viewerDialsPerMinute=5',
  ]);
  t.after(() => sluice.stop());
  const target = await startTarget(t, (socket) => socket.end());
  for (let n = 0; n < 10; n += 1) assert.deepEqual(await play(sluice, target.port), answers);
  assert.equal(target.connections.length, 5);
});
