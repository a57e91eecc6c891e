import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeCores, isMachineFull, parseProcessorTimes } from '../../../../src/core/supervise/free-cores.js';

const stat = (...ticks: readonly number[]): string =>
  `cpu  ${ticks.join(' ')}\ncpu0 1 2 3 4 5 6 7 8 0 0\nintr 0\nbtime 1\n`;

test('of two cores what neither ran nor was stolen is free', () => {
  const before = parseProcessorTimes(stat(100, 0, 50, 1000, 20, 5, 5, 0, 0, 0)) ?? assert.fail();
  const after = parseProcessorTimes(stat(130, 0, 70, 1100, 40, 5, 25, 10, 0, 0)) ?? assert.fail();
  // 200 ticks, 120 of them idle or waiting for a disk.
  assert.equal(freeCores(before, after, 2), 1.2);
});

test('where no time has passed, nothing is known to be free', () => {
  const times = { idle: 5, all: 10 };
  assert.equal(freeCores(times, times, 2), 0);
});

test('an old kernel says less, and what is no account is none', () => {
  assert.deepEqual(parseProcessorTimes('cpu  1 2 3 4\n'), { idle: 4, all: 10 });
  for (const text of ['', 'cpu0 1 2 3 4\n', 'cpu  1 2 3\n']) assert.equal(parseProcessorTimes(text), null, text);
});

for (const { what, taken, free, isFull } of [
  { what: 'the process has nearly all of what others leave', taken: 1.6, free: 0.08, isFull: true },
  { what: 'a twentieth of it is left', taken: 1.6, free: 0.09, isFull: false },
  { what: 'others have a quarter of the machine', taken: 1.49, free: 0, isFull: false },
  { what: 'nobody does anything', taken: 0, free: 2, isFull: false },
]) {
  test(`${isFull ? 'full' : 'not full'}: ${what}`, () => {
    assert.equal(isMachineFull({ cores: 2, taken, free }, 0.95), isFull);
  });
}
