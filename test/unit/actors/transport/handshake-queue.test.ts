import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHandshakeQueue } from '../../../../actors/transport/handshake-queue.js';

test('does one piece of work in a turn of the event loop, in order', async () => {
  const handshakes = createHandshakeQueue();
  const done: string[] = [];
  for (const name of ['a', 'b', 'c']) handshakes.add(() => done.push(name));
  assert.deepEqual(done, []);
  for (const expected of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
    await new Promise(setImmediate);
    assert.deepEqual(done, expected);
  }
});

test('says when it is full, and forgets what waits when it is closed', async () => {
  const handshakes = createHandshakeQueue();
  let done = 0;
  for (let n = 0; n < 256; n += 1) {
    assert.equal(handshakes.isFull, false);
    handshakes.add(() => {
      done += 1;
    });
  }
  assert.equal(handshakes.isFull, true);
  handshakes.close();
  await new Promise(setImmediate);
  assert.equal(done, 0);
});
