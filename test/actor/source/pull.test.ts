import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { freePort } from '../../support/server/free-port.js';
import { loopback, playServer, pullFrom, settings } from '../../support/source/pulling.js';
import { within } from '../../support/until.js';

test('a source is dialled, accepted, and its media comes in order after its session began', async (t) => {
  const server = await playServer(t);
  server.showsVideo();
  const { pull, events, bodies, seen } = pullFrom(t, server.uri);
  pull.start();
  pull.start();
  await seen(/^video$/, 2);
  assert.deepEqual(events, ['PENDING', 'session', 'CONNECTED', 'video', 'audio', 'video']);
  assert.deepEqual(bodies[2], Uint8Array.of(0x17, 1, 0, 0, 0));
  assert.ok(pull.stats.sourceBytes > 3000);
  assert.equal(pull.stats.reconnects, 0);
  assert.equal(server.sockets.size, 1);
});

test('a refused port leaves the pull PENDING with the reason, and it is dialled until somebody is there', async (t) => {
  const port = await freePort();
  const { pull, events, seen } = pullFrom(t, `rtmp://127.0.0.1:${port}/live/cam`);
  pull.start();
  await seen(/^PENDING source\.refused/);
  const server = await playServer(t, port);
  server.showsVideo();
  await seen(/^CONNECTED$/);
  assert.deepEqual(events.slice(0, 4), ['PENDING', 'PENDING source.refused ECONNREFUSED', 'session', 'CONNECTED']);
  assert.ok(pull.stats.reconnects >= 1);
});

test('a source that closes is dialled again within 250 ms by the default settings, in a new session', async (t) => {
  const server = await playServer(t);
  server.showsVideo();
  const { pull, events, lines, seen } = pullFrom(t, server.uri, {
    settings: { ...settings, reconnectFirstMs: 200, reconnectMaxMs: 5000 },
  });
  pull.start();
  await seen(/^video$/, 2);
  server.drop();
  await seen(/^CONNECTED$/, 2);
  assert.deepEqual(events.slice(6, 9), ['PENDING source.ended the connection was closed', 'session', 'CONNECTED']);
  assert.equal(pull.stats.reconnects, 1);
  const lost = lines.map((line) => JSON.parse(line)).find(({ event }) => event === 'source.lost');
  assert.ok(lost.retryMs >= 150 && lost.retryMs <= 250, `${lost.retryMs} ms`);
});

test('a source that goes silent is noticed, as is one that was never heard', async (t) => {
  const server = await playServer(t);
  const quick = { settings: { ...settings, silenceTimeoutMs: 60 } };
  const silent = pullFrom(t, server.uri, quick);
  silent.pull.start();
  await silent.seen(/^PENDING source\.noMedia no media for \d+ ms$/);
  await silent.pull.stop();
  server.showsVideo();
  const stalled = pullFrom(t, server.uri, quick);
  stalled.pull.start();
  await stalled.seen(/^PENDING source\.stalled no media for \d+ ms$/);
  assert.ok(stalled.events.indexOf('video') > 0);
});

test('a server that takes the connection and says nothing, or breaks off, is named', async (t) => {
  const mute = createTcpServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
  const rude = createTcpServer((socket) => socket.on('error', () => {}).destroy()).listen(0, '127.0.0.1');
  await Promise.all([once(mute, 'listening'), once(rude, 'listening')]);
  t.after(() => [mute, rude].forEach((server) => void server.close()));
  const uri = (server: typeof mute): string => `rtmp://127.0.0.1:${Object(server.address()).port}/live/cam`;
  const late = pullFrom(t, uri(mute), { settings: { ...settings, dialogueTimeoutMs: 50 } });
  late.pull.start();
  await late.seen(/^PENDING source\.timeout no answer to handshake$/);
  const refused = pullFrom(t, uri(rude));
  refused.pull.start();
  await refused.seen(/^PENDING source\.(rejected|unreachable)/);
});

test('bytes that are no RTMP lose the session by source.protocol', async (t) => {
  const server = createTcpServer((socket) => socket.on('error', () => {}).write('HTTP/1.1 400 Bad Request\r\n\r\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => void server.close());
  const { pull, seen } = pullFrom(t, `rtmp://127.0.0.1:${Object(server.address()).port}/live/cam`);
  pull.start();
  await seen(/^PENDING source\.protocol rtmp\.handshake/);
});

test('after stop nothing is called, open or dialled, wherever the pull was; and stop may come twice', async (t) => {
  const server = await playServer(t);
  server.showsVideo();
  const playing = pullFrom(t, server.uri);
  playing.pull.start();
  await playing.seen(/^video$/, 2);
  const closes = Promise.all([...server.sockets].map((socket) => once(socket, 'close')));
  await Promise.all([playing.pull.stop(), playing.pull.stop()]);
  await closes;
  assert.equal(server.sockets.size, 0);

  const waiting = pullFrom(t, `rtmp://127.0.0.1:${await freePort()}/live/cam`);
  waiting.pull.start();
  await waiting.seen(/^PENDING source\.refused/);
  await waiting.pull.stop();

  let answer = (_: typeof loopback): void => {};
  const resolving = pullFrom(t, server.uri, { resolve: () => new Promise((resolve) => (answer = resolve)) });
  resolving.pull.start();
  await resolving.pull.stop();
  answer(loopback);

  const unstarted = pullFrom(t, server.uri);
  await unstarted.pull.stop();
  unstarted.pull.start();

  const counts = [playing, waiting, resolving, unstarted].map(({ events }) => events.length);
  const attempts = waiting.pull.stats.reconnects;
  // A pull that wrongly went on would dial within its longest delay: another's full life is longer.
  const other = pullFrom(t, server.uri, { settings: { ...settings, silenceTimeoutMs: 300 } });
  other.pull.start();
  await other.seen(/source\.stalled/);
  await other.pull.stop();
  assert.deepEqual(
    [playing, waiting, resolving, unstarted].map(({ events }) => events.length),
    counts,
  );
  assert.equal(waiting.pull.stats.reconnects, attempts);
  assert.deepEqual(unstarted.events, []);
});

test('stop does not wait for a peer that never closes', async (t) => {
  const sockets: Socket[] = [];
  const server = createTcpServer({ allowHalfOpen: true }, (socket) =>
    sockets.push(socket.on('error', () => {}).resume()),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const minuteMs = 60_000;
  const patient = { ...settings, connectTimeoutMs: minuteMs, dialogueTimeoutMs: minuteMs, silenceTimeoutMs: minuteMs };
  const { pull } = pullFrom(t, `rtmp://127.0.0.1:${Object(server.address()).port}/live/cam`, { settings: patient });
  pull.start();
  const [peer] = await once(server, 'connection');
  // Of a session: one that is only dialling is broken off.
  await once(peer, 'data');
  await within('stop', pull.stop(), minuteMs / 10);
});

test('a burst far beyond the limit of what may wait arrives whole, in order, and other work goes on meanwhile', async (t) => {
  const server = await playServer(t);
  const slow = { count: 0, bytes: 0 };
  let turns = 0;
  const counting = (): void => {
    turns += 1;
    if (slow.count < 203) setImmediate(counting);
  };
  let arrived = (): void => {};
  const all = new Promise<void>((resolve) => (arrived = resolve));
  const { pull, seen } = pullFrom(t, server.uri, {
    onMedia({ timestampMs, body }) {
      for (const endMs = performance.now() + 1; performance.now() < endMs; );
      if (slow.count >= 2) assert.equal(timestampMs, slow.count - 2);
      slow.count += 1;
      slow.bytes += body.length;
      if (slow.count === 202) arrived();
    },
  });
  pull.start();
  await seen(/^CONNECTED$/);
  setImmediate(counting);
  for (let number = 0; number < 200; number += 1) server.frame(number, Buffer.alloc(20_000, number));
  await all;
  slow.count += 1;
  assert.ok(slow.bytes >= 4_000_000);
  assert.ok(turns >= 20, `${turns} turns of the loop`);
});

test('with rtmp.smoothMs frames that come in a lump go on by their stamps', async (t) => {
  const server = await playServer(t);
  /** When which stamp went on. */
  const passed: { readonly stampMs: number; readonly atMs: number }[] = [];
  let sentMs = 0;
  const lump = (fromMs: number): void => {
    for (const ms of [0, 100, 200]) server.frame(fromMs + ms, Buffer.of(0x27, 1, 0, 0, 0));
  };
  const enough = new Promise<void>((resolve) => {
    const { pull } = pullFrom(t, server.uri, {
      settings: { ...settings, smoothMs: 300 },
      onMedia({ track, timestampMs: stampMs, body }) {
        // The configuration has no time of its own.
        if (track !== 'video' || body[1] !== 1) return;
        passed.push({ stampMs, atMs: performance.now() });
        if (passed.length === 3) lump(300);
        if (passed.length === 6) resolve();
      },
    });
    void server.played().then(() => {
      sentMs = performance.now();
      lump(0);
    });
    pull.start();
  });
  await enough;
  assert.deepEqual(
    passed.map(({ stampMs }) => stampMs),
    [0, 100, 200, 300, 400, 500],
  );
  // That of 200 came earliest by its stamp: the others go on as long after it as their stamps are apart, and 300 ms. On a busy
  // machine they are late, and never too soon.
  for (const { stampMs, atMs } of passed.slice(3)) {
    const soonMs = sentMs + 300 + (stampMs - 200) - atMs;
    assert.ok(soonMs < 10, `the frame of ${stampMs} ms is ${soonMs} ms too soon`);
  }
});
