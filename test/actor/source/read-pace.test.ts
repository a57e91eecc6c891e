/** How often a socket is read while somebody waits for what comes, and while nobody does. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createReadPace } from '../../../actors/source/read-pace.js';
import { createSourceReads } from '../../../actors/source/source-reads.js';
import { until } from '../../support/until.js';

const everyMs = 2;

/** A connection whose other end can be written to. */
async function openPace(t: TestContext, mayRest: () => boolean) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reads = createSourceReads();
  const socket = connect({ port: Object(server.address()).port, host: '127.0.0.1', onread: reads.onread });
  const [peer]: [Socket] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]).then(([[one]]) => [
    one,
  ]);
  const seen = { reads: 0, bytes: 0, isClosed: false };
  const pace = createReadPace({
    socket,
    reads,
    pauseBytes: 1_048_576,
    mayRest,
    nowMs: () => performance.now(),
    handle(bytes) {
      seen.reads += 1;
      seen.bytes += bytes.length;
    },
    onClosed() {
      seen.isClosed = true;
    },
  });
  t.after(() => {
    pace.stop();
    socket.destroy();
    peer.destroy();
    server.close();
  });
  return { pace, peer, seen };
}

/** Writes so many pieces, one every 2 ms. */
const trickle = (peer: Socket, pieces: number): Promise<void> =>
  new Promise((resolve) => {
    let written = 0;
    const timer = setInterval(() => {
      peer.write(Buffer.alloc(100));
      written += 1;
      if (written < pieces) return;
      clearInterval(timer);
      resolve();
    }, everyMs);
  });

test('while nobody waits, many pieces are read at once, and none is lost', async (t) => {
  const { peer, seen } = await openPace(t, () => true);
  await trickle(peer, 300);
  await until('all of it', () => seen.bytes === 30_000);
  // 0.6 s: rests of 10, 20, 40 ... 200 ms.
  assert.ok(seen.reads <= 20, `${seen.reads} reads`);
});

test('who comes gets at once what the socket has', async (t) => {
  let mayRest = true;
  const { pace, peer, seen } = await openPace(t, () => mayRest);
  await trickle(peer, 150);
  await until('the beginning', () => seen.bytes > 0);
  mayRest = false;
  pace.wake();
  const before = seen.reads;
  await trickle(peer, 20);
  await until('all of it', () => seen.bytes === 17_000);
  assert.ok(seen.reads > before);
});

test('a burst is read whole, and its end is noticed', async (t) => {
  const { peer, seen } = await openPace(t, () => true);
  peer.write(Buffer.alloc(100));
  await until('the beginning', () => seen.bytes === 100);
  peer.end(Buffer.alloc(3_000_000));
  await until('the end', () => seen.isClosed);
  assert.equal(seen.bytes, 3_000_100);
});
