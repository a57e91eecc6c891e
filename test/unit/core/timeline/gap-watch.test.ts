import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createGapWatch } from '../../../../src/core/timeline/gap-watch.js';

/** Feeds frames of 20 ms that lag behind the count as given; what is found is filled. Gives the gaps found, by frame. */
function run(frames: number, lateMs: (n: number) => number): { readonly at: number; readonly samples: number }[] {
  const watch = createGapWatch();
  const found: { at: number; samples: number }[] = [];
  let filled = 0;
  for (let n = 0; n < frames; n += 1) {
    const samples = watch.observe(n * 20, lateMs(n) * 48 - filled);
    if (samples === 0) continue;
    found.push({ at: n, samples });
    filled += samples;
    watch.reset();
  }
  return found;
}

test('a frame that is missing is found in its length, once, within half a second', () => {
  for (const lostMs of [20, 21.3, 60, 99]) {
    const found = run(200, (n) => (n >= 100 ? lostMs : 0));
    assert.equal(found.length, 1);
    assert.equal(found[0]?.samples, Math.round(lostMs * 48));
    assert.ok((found[0]?.at ?? 0) <= 100 + 26);
  }
});

test('a count that is ahead for good is found by how much, once, within half a second', () => {
  for (const aheadMs of [15, 26.1, 99]) {
    const found = run(200, (n) => (n >= 100 ? -aheadMs : 0));
    assert.equal(found.length, 1);
    assert.equal(found[0]?.samples, -Math.round(aheadMs * 48));
    assert.ok((found[0]?.at ?? 0) <= 100 + 26);
  }
});

test('stamps that are unsteady, or come in lumps of 90 ms, are no gap', () => {
  assert.deepEqual(
    run(500, (n) => (n % 3) * 30),
    [],
  );
  for (const offset of [60, 0]) {
    assert.deepEqual(
      run(500, (n) => (n % 4) * -20 + offset),
      [],
    );
  }
});

test('drift that correction keeps within 14 ms is no gap', () => {
  assert.deepEqual(
    run(500, (n) => 14 * Math.sin(n / 50)),
    [],
  );
});

test('no more is ever filled than the count is behind, or cut than it is ahead', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 20, maxLength: 200 }), (late) => {
      const watch = createGapWatch();
      late.forEach((ms, n) => {
        const gap = watch.observe(n * 20, ms * 48);
        assert.ok(gap <= Math.max(0, ms * 48) && gap >= Math.min(0, ms * 48), `${gap} at ${ms} ms`);
      });
    }),
  );
});
