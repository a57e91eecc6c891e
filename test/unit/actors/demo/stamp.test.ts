import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ageMs, formatStamp, parseStamp, stampBlocks } from '../../../../actors/demo/stamp.js';

const period = 2 ** 36;

test('a stamp reads back as the time that it was made for, modulo its period', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 45 }), (wallMs) => {
      const blocks = formatStamp(wallMs);
      assert.equal(blocks.length, stampBlocks);
      assert.equal(parseStamp(blocks), wallMs % period);
    }),
  );
});

test('a stamp with one wrong block is not read', () => {
  fc.assert(
    fc.property(fc.nat(period - 1), fc.nat(stampBlocks - 1), (wallMs, wrong) => {
      const damaged = formatStamp(wallMs).map((block, n) => (n === wrong ? !block : block));
      assert.equal(parseStamp(damaged), null);
    }),
  );
});

test('a row of another length is no stamp', () => {
  assert.equal(parseStamp([]), null);
});

test('the age goes over the end of the period, and a stamp from the future is below zero', () => {
  assert.equal(ageMs(period - 10, period + 5), 15);
  assert.equal(ageMs(100, 90), -10);
});
