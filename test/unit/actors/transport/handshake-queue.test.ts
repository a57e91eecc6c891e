import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHandshakeQueue } from '../../../../actors/transport/handshake-queue.js';

const turns = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) await new Promise(setImmediate);
};

test('does one step in a turn of the event loop, in order', async () => {
  const handshake = createHandshakeQueue().open();
  const done: string[] = [];
  for (const name of ['a', 'b', 'c']) handshake.add(() => done.push(name));
  assert.deepEqual(done, []);
  for (const expected of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
    await turns(1);
    assert.deepEqual(done, expected);
  }
});

test('the handshake that is furthest goes first, of equals the one that waits longest, and newcomers behind all of them', async () => {
  const queue = createHandshakeQueue();
  const done: string[] = [];
  const [far, one, other] = [queue.open(), queue.open(), queue.open()];
  far.add(() => done.push('far 1'));
  await turns(1);
  void queue.newcomer().then(() => done.push('newcomer'));
  one.add(() => done.push('one 1'));
  other.add(() => done.push('other 1'));
  far.add(() => done.push('far 2'));
  far.add(() => done.push('far 3'));
  one.add(() => done.push('one 2'));
  await turns(6);
  assert.deepEqual(done, ['far 1', 'far 2', 'far 3', 'one 1', 'one 2', 'other 1', 'newcomer']);
});

test('says when it is full, and forgets what waits when it is closed, and whom nobody waits for any more', async () => {
  const queue = createHandshakeQueue();
  let done = 0;
  const handshakes = [queue.open(), queue.open()];
  const newcomer = queue.newcomer();
  for (let n = 0; n < 256; n += 1) {
    assert.ok(handshakes.every(({ isFull }) => !isFull));
    handshakes[n % 2]?.add(() => {
      done += 1;
    });
  }
  assert.ok(handshakes.every(({ isFull }) => isFull));
  queue.close();
  await newcomer;
  await turns(1);
  assert.equal(done, 0);
});
