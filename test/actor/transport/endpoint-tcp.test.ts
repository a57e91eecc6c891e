import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import {
  admit,
  afterwards,
  hex,
  join,
  openStage,
  receiverReport,
  srtcpOf,
  timeouts,
  viewerCertificate,
  withEachReceiver,
} from '../../support/fanout/endpoint-stage.js';
import { until } from '../../support/until.js';
import { bindingRequest, iceCredentials, openMediaClient } from '../../support/viewer/media-client.js';

test('offers TCP on the number of the UDP port, and prefers UDP', async () => {
  const stage = await openStage();
  const [udp, tcp] = stage.endpoint.candidates;
  assert.deepEqual([udp?.protocol, tcp?.protocol], ['udp', 'tcp']);
  assert.equal(udp?.port, tcp?.port);
  assert.ok((udp?.priority ?? 0) > (tcp?.priority ?? 0));
  await stage.endpoint.close();
});

withEachReceiver(
  'connects a viewer over TCP, carries its media, and cuts the connection off at its end',
  async (open) => {
    const stage = await open();
    const guest = await join(stage, 'a', { tcp: true });
    const { client, transport } = guest;
    after(() => client.close());
    client.send(srtcpOf(guest)(receiverReport));
    await stage.when(() => stage.rtcp.length > 0);
    const big = Buffer.alloc(1200, 0x80);
    assert.equal(transport.send(big), true);
    const closed = client.dtls.onClose.asPromise();
    transport.close();
    await Promise.all([closed, client.cut]);
    assert.deepEqual(client.media.map(hex), [hex(big)]);
    assert.equal(hex(stage.keys.get('a')?.localKey), hex(client.dtls.extractSessionKeys(16, 12).remoteKey));
    await stage.endpoint.close();
  },
);

for (const [name, bytes] of [
  ['no check', Buffer.from([0, 4, 0x80, 201, 0, 1])],
  ['a check with a wrong password', null],
  ['a frame of length zero', Buffer.from([0, 0])],
  ['a frame that is too long', Buffer.from([0xff, 0xff, 0, 1])],
] as const) {
  test(`cuts a connection off that begins with ${name}, without a byte of answer`, async () => {
    const stage = await openStage();
    const credentials = iceCredentials();
    stage.endpoint.admit(stage.admission('a', credentials, { algorithm: 'sha-256', value: '' }));
    const wrong = bindingRequest(credentials, { password: 'wrong' });
    const socket = connect(stage.port, '127.0.0.1');
    let answered = 0;
    socket.on('data', (chunk) => {
      answered += chunk.length;
    });
    socket.on('error', () => {});
    socket.write(bytes ?? Buffer.concat([Buffer.from([0, wrong.length]), wrong]));
    await once(socket, 'close');
    assert.equal(answered, 0);
    await stage.endpoint.close();
  });
}

test('cuts a connection off that sends too little for too long', async () => {
  const stage = await openStage();
  const socket = connect(stage.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(Buffer.from([0]));
  // The answer to a check that comes later shows that the server has taken the first connection.
  const { client, credentials } = await admit(stage, 'a', { tcp: true });
  after(() => client.close());
  await client.check(credentials);
  stage.advance(5000);
  await once(socket, 'close');
  await client.check(credentials);
  await stage.endpoint.close();
});

test('keeps no more than 128 connections that proved nothing: the oldest is cut off for a new one', async () => {
  const stage = await openStage();
  const sockets: Socket[] = [];
  for (let n = 0; n < 129; n += 1) {
    const socket = connect(stage.port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    sockets.push(socket);
  }
  after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const [first] = sockets;
  assert.ok(first !== undefined);
  if (!first.closed) await once(first, 'close');
  const { client } = await join(stage, 'a', { tcp: true });
  client.close();
  await stage.endpoint.close();
});

test('a crowd of connections of one client cuts off its own, and not one of another client', async () => {
  const stage = await openStage();
  const open = async (localAddress: string): Promise<Socket> => {
    const socket = connect({ port: stage.port, host: '127.0.0.1', localAddress });
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  const other = await open('127.0.0.2');
  const crowd: Socket[] = [];
  for (let n = 0; n < 140; n += 1) crowd.push(await open('127.0.0.3'));
  after(() => {
    for (const socket of [other, ...crowd]) socket.destroy();
  });
  await until('thirteen are cut off', () => crowd.filter(({ closed }) => closed).length >= 13);
  assert.deepEqual([other.closed, crowd.at(-1)?.closed], [false, false]);
  await stage.endpoint.close();
});

withEachReceiver(
  'a viewer that falls back from TCP to UDP is followed, and one whose connection breaks is given up',
  async (open) => {
    const stage = await open();
    const guest = await join(stage, 'a', { tcp: true });
    const { client, transport, credentials } = guest;
    const moved = await openMediaClient({ port: stage.port, certificate: viewerCertificate });
    afterwards({ client: moved });
    client.close();
    await moved.check(credentials);
    moved.send(srtcpOf(guest)(receiverReport));
    await stage.when(() => stage.rtcp.length > 0);
    assert.equal(transport.send(Buffer.from([0x80, 96])), true);
    await moved.check(credentials);
    assert.equal(moved.media.length, 1);
    await until('it is given up', () => {
      // More than once: its last check may count from a moment after the clock was moved.
      stage.advance(timeouts.silenceTimeoutMs);
      return stage.ended.has('a');
    });
    assert.equal(stage.ended.get('a'), 'viewer.iceKeepAlive');
    await stage.endpoint.close();
  },
);

test('takes no more for a viewer that reads nothing, and others do not notice', async () => {
  const stage = await openStage();
  const slow = await join(stage, 'slow', { tcp: true });
  const other = await join(stage, 'other');
  afterwards(slow, other);
  slow.client.pause();
  const datagram = Buffer.alloc(1200, 0x80);
  let taken = 0;
  // The kernel's buffers take some megabytes first.
  while (taken < 50_000 && slow.transport.send(datagram)) {
    taken += 1;
    if (taken % 100 === 0) await new Promise(setImmediate);
  }
  assert.ok(taken < 50_000, 'refused at some time');
  assert.equal(stage.endpoint.queuedBytes(), 0, 'what it owes does not hold up the rest');
  assert.equal(other.transport.send(datagram), true);
  await stage.endpoint.close();
});

test('a viewer has four connections: the oldest that is not in use is cut off for a fifth', async () => {
  const stage = await openStage();
  const guest = await join(stage, 'a', { tcp: true });
  const others = [];
  for (let n = 0; n < 20; n += 1) {
    const other = await openMediaClient({ port: stage.port, certificate: viewerCertificate, tcp: true });
    await other.check(guest.credentials);
    others.push(other);
  }
  afterwards(guest, ...others.map((client) => ({ client })));
  await Promise.all(others.slice(0, 17).map(({ cut }) => cut));
  for (const client of [guest.client, ...others.slice(17)]) await client.check(guest.credentials);
  assert.equal(stage.ended.size, 0);
  await stage.endpoint.close();
});

test('with few descriptors left nobody is taken by TCP, and who is there goes on', async () => {
  const used = (): number => readdirSync('/proc/self/fd').length;
  const before = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1] ?? '';
  const setLimit = (limit: string): void => {
    assert.equal(spawnSync('prlimit', ['--pid', String(process.pid), `--nofile=${limit}:`]).status, 0);
  };
  const limit = used() + 60;
  setLimit(String(limit));
  after(() => setLimit(before));
  const stage = await openStage();
  const guest = await join(stage, 'a', { tcp: true });
  afterwards(guest);
  const files = Array.from({ length: limit - used() - 25 }, () => openSync('/dev/null', 'r'));
  stage.advance(1000);
  for (let n = 0; n < 5; n += 1)
    await once(
      connect(stage.port, '127.0.0.1').on('error', () => {}),
      'close',
    );
  await guest.client.check(guest.credentials);
  assert.ok(guest.transport.send(Buffer.from([0x80, 96])));
  for (const file of files) closeSync(file);
  stage.advance(1000);
  afterwards(await join(stage, 'b', { tcp: true }));
  await stage.endpoint.close();
});

test('steps over a number whose TCP port is taken', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  after(() => blocker.close());
  const taken = blocker.address();
  assert.ok(taken !== null && typeof taken === 'object');
  await assert.rejects(openStage({ portMin: taken.port, portMax: taken.port }), /is free/);
});
