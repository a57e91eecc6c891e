import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { ActorEvent } from '../../../actors/contract.js';
import { createBeat } from '../../../actors/runtime/beat.js';
import { createThreadClock } from '../../../actors/runtime/clock.js';
import { createThreadLog } from '../../../actors/runtime/log.js';
import { beatBlockBytes, beatWords, udpPortsOf } from '../../../src/core/supervise/beat-block.js';
import { until } from '../../support/until.js';

function block(): { shared: SharedArrayBuffer; word: (name: keyof typeof beatWords) => number; words: Int32Array } {
  const shared = new SharedArrayBuffer(beatBlockBytes);
  const words = new Int32Array(shared);
  return { shared, words, word: (name) => Atomics.load(words, beatWords[name]) };
}

test('a thread beats from its start for as long as its loop runs, and no longer', async () => {
  const { shared, word } = block();
  const beat = createBeat(shared);
  assert.equal(word('beat'), 1);
  await until('it beats', () => word('beat') >= 3);
  const before = word('beat');
  const endMs = performance.now() + 350;
  while (performance.now() < endMs); // A loop that does not turn.
  assert.equal(word('beat'), before);
  await until('it beats again', () => word('beat') > before);
  assert.equal(word('leaving'), 0);
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const otherTimers = timers();
  beat.stop();
  assert.equal(word('leaving'), 1, 'from now on its silence means nothing');
  assert.equal(timers(), otherTimers + 1, 'its loop turns on, for what V8 still does for it');
});

test('the guard shows when the thread is inside node-av, a load that spans batches included', () => {
  const { shared, word } = block();
  const { guard, stop } = createBeat(shared);
  const seen: number[] = [];
  guard.enter(); // The load.
  guard.enter(); // A batch meanwhile.
  seen.push(word('inNative'));
  guard.leave();
  seen.push(word('inNative'));
  guard.leave();
  seen.push(word('inNative'));
  assert.deepEqual(seen, [1, 1, 0]);
  stop();
});

test('each batch inside node-av is a sign of life, however long the loop does not turn', () => {
  const { shared, word } = block();
  const { guard, stop } = createBeat(shared);
  const before = word('beat');
  for (let n = 0; n < 50; n += 1) {
    guard.enter();
    guard.leave();
  }
  assert.equal(word('beat'), before + 50);
  stop();
});

test('a load of code shows while it lasts, a failed one too', async () => {
  const { shared, word } = block();
  const { loading, stop } = createBeat(shared);
  const seen: number[] = [];
  const look = async (): Promise<void> => void seen.push(word('loading'));
  await loading(() => loading(look));
  await assert.rejects(
    loading(async () => {
      await look();
      throw new Error('not there');
    }),
    /not there/,
  );
  assert.deepEqual([...seen, word('loading')], [2, 1, 0]);
  stop();
});

test('a thread says by which number the kernel knows it, and its loop', () => {
  const { shared, word } = block();
  const { stop } = createBeat(shared);
  assert.equal(word('tid'), Number(readlinkSync('/proc/thread-self').split('/').at(-1)));
  assert.equal(readlinkSync(`/proc/self/fd/${word('loop') - 1}`), 'anon_inode:[eventpoll]');
  stop();
  assert.equal(word('loop'), 0);
});

async function openUdp(address: string, port = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}

async function closeUdp(socket: Socket): Promise<void> {
  socket.close();
  await once(socket, 'close');
}

test('a thread says at which ports it has UDP sockets, whoever has opened them, until the last one there is closed', async () => {
  const { shared, words } = block();
  const { stop } = createBeat(shared);
  assert.deepEqual(udpPortsOf(words), []);
  const first = await openUdp('127.0.0.1');
  const { port } = first.address();
  const second = await openUdp('127.0.0.2', port);
  const other = await openUdp('127.0.0.1');
  const both = [port, other.address().port].toSorted((a, b) => a - b);
  assert.deepEqual(udpPortsOf(words), both);
  await closeUdp(first);
  assert.deepEqual(udpPortsOf(words), both, 'one of two at one port');
  await closeUdp(second);
  assert.deepEqual(udpPortsOf(words), [other.address().port]);
  await closeUdp(other);
  assert.deepEqual(udpPortsOf(words), []);
  stop();
});

test('a condemned thread parks before it enters node-av, where it can be terminated', async () => {
  const { shared, words, word } = block();
  const worker = new Worker(new URL('../../support/media/native-caller.js', import.meta.url), { workerData: shared });
  await once(worker, 'message');
  worker.postMessage('enter');
  assert.deepEqual(await once(worker, 'message'), ['out again']);
  Atomics.store(words, beatWords.condemned, 1);
  let isOut = false;
  worker.on('message', () => {
    isOut = true;
  });
  worker.postMessage('enter');
  // Parked: its loop stands still.
  let beat = -1;
  await until('it parks', async () => {
    const before = beat;
    beat = word('beat');
    await new Promise((resolve) => setTimeout(resolve, 250));
    return before === beat;
  });
  assert.equal(word('inNative'), 0);
  assert.equal(isOut, false);
  assert.equal(await worker.terminate(), 1);
});

test('a thread that is condemned, and comes back to its loop, ends itself', async () => {
  const { shared, words } = block();
  const worker = new Worker(new URL('../../support/media/native-caller.js', import.meta.url), { workerData: shared });
  await once(worker, 'message');
  Atomics.store(words, beatWords.condemned, 1);
  assert.deepEqual(await once(worker, 'exit'), [1]);
});

test('a thread that is condemned inside node-av parks as it comes out', async () => {
  const { shared, words, word } = block();
  const worker = new Worker(new URL('../../support/media/native-caller.js', import.meta.url), { workerData: shared });
  await once(worker, 'message');
  worker.postMessage('stay');
  await until('it is inside', () => word('inNative') === 1);
  Atomics.store(words, beatWords.condemned, 1);
  await until('it is out', () => word('inNative') === 0);
  assert.equal(await worker.terminate(), 1);
});

test('lines of a thread are numbered, and those that nobody takes are dropped beyond a bound', () => {
  const events: ActorEvent[] = [];
  let taken = 0;
  const log = createThreadLog({ post: (event) => events.push(event), linesTaken: () => taken });
  for (let n = 0; n < 1500; n += 1) log('info', 'a.line', { n });
  assert.equal(events.length, 1000);
  taken = 1000;
  log('warn', 'the.next');
  assert.deepEqual(events.at(-1), { kind: 'log', seq: 1501, level: 'warn', event: 'the.next', fields: {} });
});

test('the clocks of a thread run together, and agree with those of the process', () => {
  const originMs = ({ nowMs, wallMs } = createThreadClock()): number => nowMs() - wallMs();
  const clock = createThreadClock();
  const differences: Readonly<Record<string, () => number>> = {
    'one from another': () => originMs(clock) - originMs(),
    'the wall clock from UTC': () => clock.wallMs() - Date.now(),
    'the monotonic one from hrtime': () => clock.nowMs() - Number(process.hrtime.bigint()) / 1e6,
  };
  for (const [name, read] of Object.entries(differences)) {
    // The machine may take the core away between two reads: the closest of many tells.
    const leastMs = Math.min(...Array.from({ length: 20 }, () => Math.abs(read())));
    assert.ok(leastMs < 50, `${name}: ${leastMs} ms`);
  }
});
