/** How often a socket is read while somebody waits for what comes, and while nobody does: by either kind of rest. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openRest } from '../../../actors/source/choose-rest.js';
import { createReadPace } from '../../../actors/source/read-pace.js';
import { type Rest, restBytes } from '../../../actors/source/rest.js';
import { createSourceReads } from '../../../actors/source/source-reads.js';
import { createTimedRest } from '../../../actors/source/timed-rest.js';
import { beatMs } from '../../../src/core/supervise/beat-block.js';
import { nativeThreads } from '../../../src/threads/native/native-threads.js';
import { until } from '../../support/until.js';

const everyMs = 2;
const pieceBytes = 100;
const nowMs = (): number => performance.now();

interface Kind {
  readonly what: string;
  open(socket: Socket, mayRest: () => boolean, onBeat: Beats['onBeat']): Rest;
}
const timed: Kind = { what: 'by a timer', open: (socket, mayRest) => createTimedRest(socket, mayRest) };
if (nativeThreads() === null) assert.fail('the add-on of threads was not built');
const byKernel: Kind = {
  what: 'by the kernel',
  open: (socket, mayRest, onBeat) => openRest({ socket, mayRest, onBeat, nowMs }),
};

/** Heartbeats when a test says so. */
class Beats {
  readonly #runs = new Set<() => void>();
  readonly onBeat = (run: () => void): (() => void) => {
    this.#runs.add(run);
    return () => void this.#runs.delete(run);
  };
  get count(): number {
    return this.#runs.size;
  }
  beat(): void {
    for (const run of this.#runs) run();
  }
  start(t: TestContext): void {
    const timer = setInterval(() => this.beat(), beatMs);
    t.after(() => clearInterval(timer));
  }
}

/** A connection whose other end can be written to. */
async function openPace(t: TestContext, kind: Kind, mayRest: () => boolean) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reads = createSourceReads();
  const socket = connect({ port: Object(server.address()).port, host: '127.0.0.1', onread: reads.onread });
  const [peer]: [Socket] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]).then(([[one]]) => [
    one,
  ]);
  peer.setNoDelay(true);
  const beats = new Beats();
  const seen = { reads: 0, bytes: 0, isClosed: false };
  const pace = createReadPace({
    socket,
    reads,
    pauseBytes: 1_048_576,
    mayRest,
    openRest: (mayRestNow) => kind.open(socket, mayRestNow, beats.onBeat),
    nowMs,
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
  return { pace, peer, beats, seen };
}

/** Writes so many pieces, one every 2 ms. */
const trickle = (peer: Socket, pieces: number): Promise<void> =>
  new Promise((resolve) => {
    let written = 0;
    const timer = setInterval(() => {
      peer.write(Buffer.alloc(pieceBytes));
      written += 1;
      if (written < pieces) return;
      clearInterval(timer);
      resolve();
    }, everyMs);
  });

for (const kind of [timed, byKernel]) {
  test(`while nobody waits, many pieces are read at once, and none is lost: ${kind.what}`, async (t) => {
    const { peer, beats, seen } = await openPace(t, kind, () => true);
    beats.start(t);
    await trickle(peer, 300);
    await until('all of it', () => seen.bytes === 300 * pieceBytes);
    // 0.6 s: rests of 10, 20, 40 ... 200 ms, or from one heartbeat to the next.
    assert.ok(seen.reads <= 20, `${seen.reads} reads`);
  });

  test(`who comes gets at once what the socket has: ${kind.what}`, async (t) => {
    let mayRest = true;
    const { pace, peer, seen } = await openPace(t, kind, () => mayRest);
    await trickle(peer, 150);
    await until('the beginning', () => seen.bytes > 0);
    mayRest = false;
    pace.wake();
    const before = seen.reads;
    await trickle(peer, 20);
    await until('all of it', () => seen.bytes === 170 * pieceBytes);
    assert.ok(seen.reads > before);
  });

  test(`a burst is read whole, and its end is noticed: ${kind.what}`, async (t) => {
    const { peer, beats, seen } = await openPace(t, kind, () => true);
    peer.write(Buffer.alloc(100));
    await until('the beginning', () => seen.bytes === 100);
    peer.end(Buffer.alloc(3_000_000));
    await until('the end', () => seen.isClosed);
    assert.equal(seen.bytes, 3_000_100);
    assert.equal(beats.count, 0);
  });
}

test('by the kernel: what is less waits for a heartbeat that comes late enough', async (t) => {
  const { peer, beats, seen } = await openPace(t, byKernel, () => true);
  peer.write(Buffer.alloc(pieceBytes));
  await until('the first read', () => seen.reads === 1);
  const readMs = nowMs();
  peer.write(Buffer.alloc(pieceBytes));
  await until('a heartbeat soon after it', () => nowMs() - readMs >= 100);
  assert.equal(seen.reads, 1);
  await until('a later one', () => nowMs() - readMs >= beatMs);
  beats.beat();
  await until('the second read', () => seen.reads === 2);
  assert.equal(seen.bytes, 2 * pieceBytes);
});

test('by the kernel: what is enough is read without a heartbeat', async (t) => {
  const { peer, seen } = await openPace(t, byKernel, () => true);
  peer.write(Buffer.alloc(pieceBytes));
  await until('the first read', () => seen.reads === 1);
  for (let n = 0; n < 4; n += 1) peer.write(Buffer.alloc(restBytes / 4));
  await until('the second read', () => seen.reads === 2);
  assert.equal(seen.bytes, pieceBytes + restBytes);
});
