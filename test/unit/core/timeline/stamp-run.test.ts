import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStampRun } from '../../../../src/core/timeline/stamp-run.js';

const judge = (messages: readonly (readonly [stampMs: number, nowMs: number])[]): boolean[] => {
  const run = createStampRun();
  return messages.map(([stampMs, nowMs]) => run.follows(stampMs, nowMs));
};

test('messages of one stamp follow the first of them, also where each is a millisecond on', () => {
  const [same, later] = [232, 464];
  assert.deepEqual(judge([0, 0, 0, same, same, later].map((ms) => [ms, ms])), [false, true, true, false, true, false]);
  assert.deepEqual(judge([100, 101, 102, 200, 201].map((ms) => [ms, ms])), [false, true, true, false, true]);
});

test('the shortest frames there are have stamps of their own, and so has one that goes back', () => {
  assert.deepEqual(judge([0, 2, 5, 7, 10].map((ms) => [ms, ms])), Array(5).fill(false));
  assert.deepEqual(judge([10, 9, 9].map((ms) => [ms, 10])), [false, false, true]);
});

test('a clock that stands still is no run: its messages have a time by their arrival', () => {
  const paced = judge(Array.from({ length: 100 }, (_, n) => [5000, n * 23]));
  assert.equal(paced.lastIndexOf(true), 43);
  const atOnce = judge(Array.from({ length: 200 }, () => [5000, 0]));
  assert.equal(atOnce.lastIndexOf(true), 127);
});
