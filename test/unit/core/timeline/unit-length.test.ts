import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUnitLength } from '../../../../src/core/timeline/unit-length.js';

const run = (lengths: readonly number[]): readonly number[] => {
  const unit = createUnitLength();
  return lengths.map((length) => unit.keep(length));
};

test('a unit that is much longer than those before it is cut to the longest of them', () => {
  assert.deepEqual(run([960, 950, 110_000, 960]), [960, 950, 960, 960]);
});

test('units that stay long count from the second on', () => {
  assert.deepEqual(run([960, 9600, 9600, 9600]), [960, 960, 9600, 9600]);
});

test('units of unequal length are left alone up to twice the longest of late, however short, and none at all', () => {
  const lengths = [4800, 9600, 0, 400, 0, 0, 0, 9600, 19_200];
  assert.deepEqual(run(lengths), lengths);
});

test('the first one is believed', () => {
  assert.deepEqual(run([24_000, 960]), [24_000, 960]);
});
