import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rtpTime } from '../../../../src/core/rtp/rtp-time.js';

const modulo = (value: bigint): number => Number(((value % 2n ** 32n) + 2n ** 32n) % 2n ** 32n);

test('media time becomes ticks of the clock, beginning at the offset', () => {
  const rows: [number, number, number, number][] = [
    [0, 90_000, 0, 0],
    [1000, 90_000, 5, 90_005],
    [33, 90_000, 0, 2970],
    [1 / 3, 90_000, 0, 30],
    [20, 48_000, 0, 960],
    [23, 44_100, 0, 1014],
    [-1, 90_000, 0, 4_294_967_206],
    [-1, 90_000, 90, 0],
    [1, 90_000, 4_294_967_295, 89],
  ];
  for (const [mediaMs, clockRateHz, offset, ticks] of rows) assert.equal(rtpTime(mediaMs, clockRateHz, offset), ticks);
});

test('whole milliseconds of any size come out exact, wrapped at 32 bits', () => {
  const mediaMs = fc.integer({ min: -(10 ** 13), max: 10 ** 13 });
  fc.assert(
    fc.property(
      mediaMs,
      fc.constantFrom(90_000, 48_000),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      (ms, rate, offset) => {
        assert.equal(rtpTime(ms, rate, offset), modulo((BigInt(ms) * BigInt(rate)) / 1000n + BigInt(offset)));
      },
    ),
  );
});

test('a count of samples that was turned into milliseconds comes back to the very sample', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), (ts48k) => {
      assert.equal(rtpTime(ts48k / 48, 48_000, 0), modulo(BigInt(ts48k)));
    }),
    { examples: [[959], [2 ** 32], [-1], [0]] },
  );
});
