import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { extendSequence } from '../../../../src/core/rtp/sequence.js';

test('the extended number nearest to the given one is found on either side of a round', () => {
  const rows: [number, number, number][] = [
    [5, 5, 5],
    [65_535, 65_536, 65_535],
    [0, 65_535, 65_536],
    [3, 65_530, 65_539],
    [65_530, 3, -6],
    [32_768, 0, -32_768],
    [32_767, 0, 32_767],
  ];
  for (const [sequence, near, extended] of rows) assert.equal(extendSequence(sequence, near), extended);
});

test('the lower 16 bits are kept, at most half a round away, in any round', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 2 ** 48 }), (sequence, near) => {
      const extended = extendSequence(sequence, near);
      assert.equal(((extended % 65_536) + 65_536) % 65_536, sequence);
      assert.ok(extended - near >= -32_768 && extended - near <= 32_767);
    }),
  );
});
