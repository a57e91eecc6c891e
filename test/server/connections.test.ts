import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { Settings } from '../../src/config/schema.js';
import { openWebSocket } from '../support/server/websocket-client.js';
import { writeTlsFiles } from '../support/tls-files.js';
import { until } from '../support/until.js';
import { type ServerStage, startStage } from './stage.js';

/** Nobody of loopback is an operator here. */
async function stageOf(t: TestContext, server: Partial<Settings['server']>): Promise<ServerStage> {
  const stage = await startStage({ settings: { server, control: { loopback: false, allow: ['127.0.0.99'] } } });
  t.after(() => stage.end());
  return stage;
}

/** So many connections that say nothing. */
function connectSilently(port: number, localAddress: string, count: number): readonly Socket[] {
  return Array.from({ length: count }, () => connect({ host: '127.0.0.1', port, localAddress }).on('error', () => {}));
}

/** How many are still open once the server has looked at all of them. */
async function kept({ server }: ServerStage, sockets: readonly Socket[], expected: number): Promise<void> {
  const open = (): number => sockets.filter((socket) => !socket.connecting && !socket.destroyed).length;
  const isSettled = (): boolean => sockets.every((socket) => !socket.connecting) && open() === expected;
  await until(`${expected} of ${sockets.length} connections to port ${server.restPort} are kept`, isSettled, 5000);
}

test('one client has its share of connections, and another one its own', async (t) => {
  const stage = await stageOf(t, { maxConnectionsPerClient: 5 });
  const { restPort, wsPort } = stage.server;
  const first = connectSilently(restPort, '127.0.0.2', 20);
  await kept(stage, first, 5);
  await kept(stage, connectSilently(wsPort, '127.0.0.2', 3), 0);
  await kept(stage, connectSilently(restPort, '127.0.0.3', 8), 5);
  const refusals = stage.logged.filter(({ event }) => event === 'server.connectionRefused');
  assert.equal(refusals.length, 1, 'one line, however many were refused');
  assert.match(JSON.stringify(refusals), /"why":"tooManyOfClient","clientIp":"127\.0\.0\.2"/);

  for (const socket of first) socket.destroy();
  await until('its places are free again', async () => {
    const [socket] = connectSilently(restPort, '127.0.0.2', 1);
    await new Promise((resolve) => setImmediate(resolve));
    return socket !== undefined && (await answers(socket));
  });
});

test('strangers have a limit in all, which those who may control do not meet', async (t) => {
  const stage = await stageOf(t, { maxConnections: 10 });
  const { restPort } = stage.server;
  for (let n = 2; n < 12; n += 1) await kept(stage, connectSilently(restPort, `127.0.0.${n}`, 1), 1);
  await kept(stage, connectSilently(restPort, '127.0.0.20', 4), 0);
  await kept(stage, connectSilently(restPort, '127.0.0.99', 4), 4);
});

test('a connection whose place another one gave back is served', async (t) => {
  const stage = await stageOf(t, { maxConnections: 1 });
  const { restPort } = stage.server;
  for (let n = 0; n < 5; n += 1) {
    const [socket] = connectSilently(restPort, '127.0.0.2', 1);
    assert.ok(socket !== undefined && (await answers(socket)));
    await until('the server has seen its end', async () => {
      const [next] = connectSilently(restPort, '127.0.0.2', 1);
      return next !== undefined && (await answers(next));
    });
  }
});

test('one client has its share of signalling sockets', async (t) => {
  const stage = await stageOf(t, { maxSocketsPerClient: 2, maxSockets: 3 });
  const open = (from: string) => openWebSocket(stage.signalling, from);
  const first = await open('127.0.0.2');
  await open('127.0.0.2');
  await assert.rejects(open('127.0.0.2'), /429/);
  await open('127.0.0.3');
  await assert.rejects(open('127.0.0.4'), /503/);
  first.close();
  await first.closed;
  await until('its place is free', () =>
    open('127.0.0.4').then(
      () => true,
      () => false,
    ),
  );
});

test('the ports of TLS count the same', async (t) => {
  const { tlsCertFile, tlsKeyFile } = writeTlsFiles(t);
  const stage = await stageOf(t, { tlsCertFile, tlsKeyFile, maxConnectionsPerClient: 3 });
  const { restTlsPort, wsTlsPort } = stage.server;
  await kept(stage, connectSilently(restTlsPort ?? 0, '127.0.0.2', 9), 3);
  await kept(stage, connectSilently(wsTlsPort ?? 0, '127.0.0.2', 2), 0);
  await kept(stage, connectSilently(wsTlsPort ?? 0, '127.0.0.3', 9), 3);
});

test('by TLS a client has a tenth of its connections anew in a second, and another one its own', async (t) => {
  const { tlsCertFile, tlsKeyFile } = writeTlsFiles(t);
  const stage = await stageOf(t, { tlsCertFile, tlsKeyFile, maxConnectionsPerClient: 10 });
  const shakes = async (localAddress: string): Promise<boolean> => {
    const socket = connect({ host: '127.0.0.1', port: stage.server.restTlsPort ?? 0, localAddress });
    socket.on('error', () => {});
    const secured = connectTls({ socket, rejectUnauthorized: false });
    secured.on('error', () => {});
    const isSecure = await new Promise<boolean>((resolve) => {
      secured.once('secureConnect', () => resolve(true)).once('close', () => resolve(false));
    });
    socket.destroy();
    return isSecure;
  };
  const startMs = performance.now();
  let count = 0;
  for (let n = 0; n < 40; n += 1) if (await shakes('127.0.0.2')) count += 1;
  const anew = (performance.now() - startMs) / 1000;
  assert.ok(count >= 10 && count <= 11 + anew, `${count} in ${anew.toFixed(1)} s`);
  assert.equal(await shakes('127.0.0.3'), true);
});

test('a client of TLS does not have the server shake hands again and again on one connection', async (t) => {
  const { tlsCertFile, tlsKeyFile } = writeTlsFiles(t);
  const stage = await stageOf(t, { tlsCertFile, tlsKeyFile });
  const socket = connectTls({
    host: '127.0.0.1',
    port: stage.server.restTlsPort ?? 0,
    rejectUnauthorized: false,
    maxVersion: 'TLSv1.2',
  });
  await once(socket, 'secureConnect');
  const refused = new Promise<Error>((resolve) => socket.on('error', resolve));
  socket.renegotiate({ rejectUnauthorized: false }, () => {});
  socket.write('G');
  assert.match((await refused).message, /no renegotiation/);
});

/** It is served; then it is closed. */
function answers(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
      if (received.includes('ok\n')) socket.destroy();
    });
    socket.on('close', () => resolve(received.startsWith('HTTP/1.1 200')));
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  });
}

test('one client may make so many requests of what is open, another one its own, and control does not count', async (t) => {
  const apiKey = 'a-key-of-16-chars';
  const server = { requestsPerSecond: 1, trustedProxies: ['127.0.0.1'] };
  const stage = await startStage({ settings: { server, control: { apiKeys: [apiKey] } } });
  t.after(() => stage.end());
  const ask = async (ip: string, path: string): Promise<Record<string, number>> => {
    const headers = { 'X-Forwarded-For': ip, 'X-Api-Key': apiKey };
    const answers = await Promise.all(Array.from({ length: 10 }, () => stage.ask(path, { headers })));
    const counts: Record<string, number> = { 200: 0, 429: 0 };
    for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  };
  for (const ip of ['192.0.2.1', '192.0.2.2']) {
    const { 200: served = 0, 429: refused = 0 } = await ask(ip, '/healthz');
    assert.ok(served >= 2 && refused >= 5 && served + refused === 10, `${ip}: ${served} and ${refused}`);
  }
  assert.deepEqual(await ask('192.0.2.1', '/api/streams'), { 200: 10, 429: 0 });
});

test('frames of signalling are requests of their client too, however many sockets it has, and long ones more of them', async (t) => {
  const stage = await stageOf(t, { requestsPerSecond: 50 });
  const ping = { message: 'ping', data: [null] };
  const sockets = await Promise.all(Array.from({ length: 40 }, () => openWebSocket(stage.signalling, '127.0.0.2')));
  for (const socket of sockets) for (let n = 0; n < 20; n += 1) socket.sendJson(ping);
  assert.ok((await Promise.all(sockets.slice(20).map(({ closed }) => closed))).every((code) => code === 1008));
  assert.equal((await stage.ask('/healthz')).status, 200, 'of another client');

  const other = await openWebSocket(stage.signalling, '127.0.0.3');
  for (let n = 0; n < 90; n += 1) other.sendText('{"message":"pushLogs","data":[]}');
  other.sendJson(ping);
  await other.nextMessage('pong');
  for (let n = 0; n < 9; n += 1) other.sendJson({ message: 'submitBugReport', data: [{ text: 'x'.repeat(60_000) }] });
  assert.equal(await other.closed, 1008);
});
