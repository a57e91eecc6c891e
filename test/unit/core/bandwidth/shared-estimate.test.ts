import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { combine, followed, summarise } from '../../../../src/core/bandwidth/shared-estimate.js';

const rateOf = (...estimates: readonly number[]): number | null => {
  const summary = summarise(estimates);
  return summary === null ? null : followed(summary, false);
};

test('one viewer is followed all the way, and of several the slowest within a share of what half of them can take', () => {
  assert.equal(rateOf(), null);
  assert.equal(rateOf(300), 300);
  assert.equal(rateOf(1000, 1000, 900), 900);
  assert.equal(rateOf(1000, 1000, 100), 700);
  assert.equal(rateOf(1000, 10), 700);
  // Most of them are slow.
  assert.equal(rateOf(5000, 400, 300), 300);
});

test('a lower step follows the slowest of its viewers', () => {
  assert.equal(followed(summarise([1000, 1000, 100]) ?? assert.fail(), true), 100);
});

const estimate = fc.integer({ min: 1, max: 10_000 });

test('whatever one viewer says, the others lose at most a share', () => {
  fc.assert(
    fc.property(fc.array(estimate, { minLength: 2, maxLength: 20 }), estimate, (others, lie) => {
      const honest = rateOf(...others) ?? assert.fail();
      const lowest = Math.min(...others);
      const told = rateOf(...others, lie) ?? assert.fail();
      assert.ok(told >= 0.7 * Math.min(lowest, honest), `${told} of ${honest}`);
    }),
  );
});

test('threads together have the lowest of all, and a middle that some thread has', () => {
  assert.equal(combine([]), null);
  fc.assert(
    fc.property(fc.array(fc.array(estimate, { minLength: 1 }), { minLength: 1, maxLength: 4 }), (threads) => {
      const summaries = threads.flatMap((estimates) => summarise(estimates) ?? []);
      const all = combine(summaries) ?? assert.fail();
      const [, ...rest] = [0, ...threads.flat()];
      assert.equal(all.lowestBps, Math.min(...rest));
      assert.equal(all.viewers, rest.length);
      assert.ok(summaries.some(({ middleBps }) => middleBps === all.middleBps));
    }),
  );
  // One that lies alone in its thread is one of many.
  const many = summarise(Array(50).fill(1000)) ?? assert.fail();
  const liar = summarise([1]) ?? assert.fail();
  assert.equal(followed(combine([liar, many]) ?? assert.fail(), false), 700);
});
