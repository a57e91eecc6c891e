import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRelease } from '../../../../src/core/timeline/release.js';

/** Frames of 25 a second that arrive in lumps of `lump`, when the last of the lump is there. */
function lumps(seconds: number, lump: number): readonly { stampMs: number; arrivalMs: number }[] {
  return Array.from({ length: seconds * 25 }, (_, n) => {
    const last = Math.ceil((n + 1) / lump) * lump - 1;
    return { stampMs: 7000 + n * 40, arrivalMs: 1000 + last * 40 };
  });
}

const gaps = (times: readonly number[]): readonly number[] => times.slice(1).map((time, n) => time - (times[n] ?? 0));

test('lumps that are shorter than the delay go on evenly', () => {
  const release = createRelease(200);
  const times = lumps(20, 5).map(({ stampMs, arrivalMs }) => release.at(stampMs, arrivalMs));
  // The first lump shows who is earliest.
  const later = gaps(times).slice(5);
  assert.ok(later.every((gapMs) => gapMs === 40));
});

test('lumps that are longer than the delay are evened out as far as it goes', () => {
  const release = createRelease(100);
  const times = lumps(20, 8).map(({ stampMs, arrivalMs }) => release.at(stampMs, arrivalMs));
  const longest = Math.max(...gaps(times).slice(8));
  assert.equal(longest, 8 * 40 - 100);
});

test('a jump of the clock is no reason to hold anything', () => {
  const release = createRelease(200);
  release.at(0, 0);
  release.at(40, 40);
  assert.equal(release.at(3_600_040, 80), 280);
  assert.equal(release.at(3_600_080, 320), 320, 'late by the new stamps, and sent at once');
});

test('a source whose clock is slow is not held ever longer', () => {
  const release = createRelease(100);
  let heldMs = 0;
  for (let n = 0; n < 90_000; n += 1) {
    const arrivalMs = n * 40;
    heldMs = release.at(n * 39.99, arrivalMs) - arrivalMs;
  }
  assert.ok(heldMs > 97 && heldMs <= 100, `${heldMs}`);
});

test('whatever comes, nothing goes before it has come, before what is ahead of it, or later than the delay', () => {
  const step = fc.record({ stampMs: fc.double({ min: 0, max: 2 ** 32, noNaN: true }), afterMs: fc.nat(4000) });
  fc.assert(
    fc.property(fc.nat(2000), fc.array(step, { maxLength: 200 }), (delayMs, steps) => {
      const release = createRelease(delayMs);
      let arrivalMs = 0;
      let lastMs = 0;
      for (const { stampMs, afterMs } of steps) {
        arrivalMs += afterMs;
        const atMs = release.at(stampMs, arrivalMs);
        assert.ok(atMs >= arrivalMs && atMs >= lastMs && atMs <= arrivalMs + delayMs);
        lastMs = atMs;
      }
    }),
  );
});
