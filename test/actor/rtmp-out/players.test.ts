/** Players of a stream by RTMP, on real sockets: those that read nothing, and nodes that were let in under an epoch. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createRtmpPlayers } from '../../../actors/rtmp-out/players.js';
import { descriptorOf } from '../../../src/net/descriptor-of.js';
import { nativeThreads } from '../../../src/threads/native/native-threads.js';
import { until } from '../../support/until.js';

const maxBehindBytes = 1_048_576;
const frameBytes = 524_288;
/** What the kernel holds of a connection beside what we do: tcp_wmem and tcp_rmem are 4 and 6 MB at most. */
const kernelBytes = 12_582_912;

async function stage(t: TestContext) {
  const threads = nativeThreads() ?? assert.fail('the add-on of threads was not built');
  let nowMs = 0;
  let timestampMs = 0;
  const counts: number[] = [];
  const players = createRtmpPlayers({
    settings: { port: 1935, maxPlayersPerStream: 8, maxBehindBytes },
    maxGroupBytes: 2 * frameBytes,
    nowMs: () => nowMs,
    log: () => {},
    onWatched: () => {},
    onCount: (count) => counts.push(count),
    delayMs: () => 0,
  });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  t.after(() => {
    players.endLinks(null);
    server.close();
  });

  /** A connection that was let play; the player's end of it. */
  const enter = async (epoch: number | null): Promise<Socket> => {
    const player = connect(address.port, '127.0.0.1').pause();
    player.on('error', () => {});
    t.after(() => player.destroy());
    const [socket]: Socket[] = await once(server, 'connection');
    const held = threads.holdOwn(descriptorOf(socket ?? assert.fail()));
    socket?.destroy();
    players.add(held, epoch);
    threads.release(held);
    return player;
  };
  const push = (fill: number): void => {
    timestampMs += 40;
    const body = Buffer.alloc(frameBytes, fill);
    players.push({ track: 'video', timestampMs, body }, () => 'start');
  };
  return {
    counts,
    enter,
    push,
    players,
    pass(ms: number) {
      nowMs += ms;
    },
  };
}

test('for a player that reads nothing only so much is kept; when it reads again it goes on with what is new', async (t) => {
  const { enter, push, counts } = await stage(t);
  const player = await enter(null);
  for (let n = 0; n < 120; n += 1) {
    push(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  let old = 0;
  let isNew = false;
  player.on('data', (bytes: Buffer) => {
    isNew ||= bytes.includes(Buffer.alloc(64, 2));
    old += isNew ? 0 : bytes.length;
  });
  player.resume();
  await until('it is sent what is new', () => {
    push(2);
    return isNew;
  });
  assert.ok(
    old > 0 && old <= maxBehindBytes + frameBytes + kernelBytes,
    `${old} of ${120 * frameBytes} bytes were kept`,
  );
  assert.deepEqual(counts, [1]);
});

test('a player that takes nothing for 10 s is closed', async (t) => {
  const { enter, push, counts, pass } = await stage(t);
  await enter(null);
  const fill = async (): Promise<void> => {
    for (let n = 0; n < 60; n += 1) {
      push(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await fill();
  pass(10_000);
  await fill();
  assert.deepEqual(counts, [1]);
  pass(1);
  push(1);
  await until('it is gone', () => counts.at(-1) === 0);
});

test('nodes that were let in under another epoch are closed, and no player is', async (t) => {
  const { enter, players, counts } = await stage(t);
  const [player, third, fourth] = [await enter(null), await enter(3), await enter(4)];
  const gone = (socket: Socket) => once(socket.resume(), 'close');
  const thirdGone = gone(third);
  players.endLinks(4);
  await thirdGone;
  await until('the others are there', () => counts.at(-1) === 2);
  const fourthGone = gone(fourth);
  players.endLinks(null);
  await fourthGone;
  await until('the player is there', () => counts.at(-1) === 1);
  assert.equal(player.destroyed, false);
});

test('a node is asked how far it is, and told what is for its viewers; a player is sent media alone', async (t) => {
  const { enter, push, players } = await stage(t);
  const [player, node] = [await enter(null), await enter(3)];
  const heard = [player, node].map((socket) => {
    const pieces: Buffer[] = [];
    socket.on('data', (bytes) => pieces.push(bytes)).resume();
    return (what: Buffer): boolean => Buffer.concat(pieces).includes(what);
  });
  const [byPlayer = assert.fail(), byNode = assert.fail()] = heard;
  push(1);
  players.tell({ kind: 'event', payload: '{}' });
  // Of a user control message (RTMP 1.0 7.1.7): six bytes, the first two of which say what it is.
  const ping = Buffer.of(2, 0, 0, 0, 0, 0, 6, 4, 0, 0, 0, 0, 0, 6);
  await until('it is asked', () => byNode(ping));
  assert.ok(byNode(Buffer.from('sluiceEvent')));
  push(2);
  await until('the player has what came last', () => byPlayer(Buffer.alloc(64, 2)));
  assert.deepEqual([byPlayer(ping), byPlayer(Buffer.from('sluice'))], [false, false]);
});

test('a player is sent the configurations again, once, ahead of the first keyframe a second behind its beginning; a node is not', async (t) => {
  const { enter, players, pass } = await stage(t);
  const say = (role: 'config' | 'start', fill: number): void =>
    players.push({ track: 'video', timestampMs: 0, body: Buffer.alloc(8, fill) }, () => role);
  say('config', 0xc0);
  say('start', 0xa1);
  const heard = [await enter(null), await enter(1)].map((socket) => {
    const parts: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => parts.push(bytes)).resume();
    /** The bodies, each a byte eight times. */
    return (): string =>
      [
        ...Buffer.concat(parts)
          .toString('latin1')
          .matchAll(/([\xa0-\xcf])\1{7}/g),
      ]
        .map(([, fill = '']) => fill.charCodeAt(0).toString(16))
        .join(' ');
  });
  pass(999);
  say('start', 0xa2);
  pass(1);
  say('start', 0xa3);
  pass(5000);
  say('start', 0xa4);
  await until('the last keyframe', () => heard.every((bodies) => bodies().endsWith('a4')));
  assert.deepEqual(
    heard.map((bodies) => bodies()),
    ['c0 a1 a2 c0 a3 a4', 'c0 a1 a2 a3 a4'],
  );
});
