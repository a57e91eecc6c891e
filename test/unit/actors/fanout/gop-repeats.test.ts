import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGopRepeats } from '../../../../actors/fanout/gop-repeats.js';

test('one GOP is sent twice more, each time over twice as long', () => {
  const repeats = createGopRepeats();
  assert.deepEqual(
    [1, 2, 3, 4].map(() => repeats.next(7, 100)),
    [2, 4, null, null],
  );
});

test('a GOP that grows may be sent again while less than it has was', () => {
  const repeats = createGopRepeats();
  assert.deepEqual(
    [10, 20, 30, 60].map((packets) => repeats.next(7, packets)),
    [2, 4, 8, 16],
  );
});

test('the next GOP begins anew', () => {
  const repeats = createGopRepeats();
  for (let asked = 0; asked < 5; asked += 1) repeats.next(7, 100);
  assert.equal(repeats.next(107, 100), 2);
});
