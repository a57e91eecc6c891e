import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCallNumbers } from '../../../../src/core/cluster/call-numbers.js';

test('calls to each node are counted by themselves, and those of each are taken once', () => {
  const numbers = createCallNumbers(() => true);
  assert.deepEqual([numbers.next('a'), numbers.next('a'), numbers.next('b')], [1, 2, 1]);
  const come = [1, 1, 3, 2, 2, 70, 6, 7].map((number) => numbers.accept('a', number));
  assert.deepEqual(come, [true, false, true, true, false, true, false, true]);
  assert.ok(numbers.accept('b', 1));
});

test('of thousands of lives of nodes those that are gone are forgotten: no number is used twice, none is taken twice', () => {
  const known = new Set(['here']);
  const numbers = createCallNumbers((id) => known.has(id));
  const lives = Array.from({ length: 5000 }, (_, at) => `life ${at}`);
  for (const id of ['here', ...lives]) {
    known.add(id);
    assert.ok(numbers.accept(id, 1) && numbers.next(id) > 0);
    if (id !== 'here') known.delete(id);
  }
  assert.equal(numbers.accept('here', 1), false);
  assert.equal(numbers.accept('life 0', 1), false, 'it is forgotten, and gone');
  for (const id of lives) numbers.next(id);
  assert.ok(numbers.next('life 0') > 2, 'behind all that were made');
  assert.equal(numbers.next('here'), 2);
});
