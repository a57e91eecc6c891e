import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogTail } from '../../../src/server/log-tail.js';

test('the newest 200 lines of a pull are kept, and those without one are not', () => {
  const tail = createLogTail();
  tail.take('info', 'server.listening', {});
  for (let n = 0; n < 250; n += 1) tail.take('info', 'line', { pullId: 'a', n });
  const lines = tail.of('a');
  assert.deepEqual([lines.length, lines[0]?.fields.n, lines.at(-1)?.fields.n], [200, 50, 249]);
  assert.deepEqual(tail.of('b'), []);
});

test('of many pulls the one whose last line is oldest is forgotten first', () => {
  const tail = createLogTail();
  for (let n = 0; n < 1000; n += 1) tail.take('info', 'line', { pullId: String(n) });
  tail.take('info', 'line', { pullId: '0' });
  tail.take('info', 'line', { pullId: 'new' });
  assert.deepEqual([tail.of('0').length, tail.of('1').length, tail.of('new').length], [2, 0, 1]);
});
