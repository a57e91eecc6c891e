import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRateLimit } from '../../../../src/core/guard/rate.js';

test('a bucket gives its burst at once, and then one token per interval', () => {
  const limit = createRateLimit({ perMinute: 60, burst: 3 });
  const taken = [0, 0, 0, 0, 999, 1000, 1000, 2000].map((nowMs) => limit.take('a', nowMs));
  assert.deepEqual(taken, [true, true, true, false, false, true, false, true]);
});

test('keys have buckets of their own', () => {
  const limit = createRateLimit({ perMinute: 1 });
  assert.deepEqual([limit.take('a', 0), limit.take('a', 0), limit.take('b', 0)], [true, false, true]);
});

test('has looks without taking', () => {
  const limit = createRateLimit({ perMinute: 1 });
  assert.equal(limit.has('a', 0), true);
  assert.equal(limit.has('a', 0), true);
  limit.take('a', 0);
  assert.equal(limit.has('a', 0), false);
  assert.equal(limit.has('a', 60_000), true);
});

test('a clock that steps back gives nothing', () => {
  const limit = createRateLimit({ perMinute: 60, burst: 1 });
  assert.equal(limit.take('a', 10_000), true);
  assert.equal(limit.take('a', 0), false);
});

test('beyond the most keys the one used longest ago is forgotten', () => {
  const limit = createRateLimit({ perMinute: 1, maxKeys: 2 });
  for (const key of ['a', 'b', 'a', 'c']) limit.take(key, 0);
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => limit.has(key, 0)),
    [false, true, false],
  );
});

test('never more than the burst and the rate allow are let through in any window', () => {
  const arrivals = fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 300 });
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 1, max: 20 }), (gaps, burst) => {
      const limit = createRateLimit({ perMinute: 120, burst });
      let nowMs = 0;
      let passed = 0;
      for (const gapMs of gaps) {
        nowMs += gapMs;
        if (limit.take('a', nowMs)) passed += 1;
        assert.ok(passed <= burst + (nowMs * 120) / 60_000 + 1e-6);
      }
    }),
  );
});
