import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AmfValue } from '../../../../src/core/amf/amf-value.js';
import { decodeAmf0, encodeAmf0 } from '../../../../src/core/amf/amf0.js';
import { amfLimits } from '../../../../src/core/amf/limits.js';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { amf0Refused, amf0Values, object } from './amf-cases.js';
import { amfValues } from './amf-values.js';

const fromHex = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const decodeHex = (hex: string): AmfValue[] => decodeAmf0(fromHex(hex));

for (const [what, hex, value] of amf0Values) {
  test(`AMF0 has ${what}`, () => {
    assert.deepEqual(decodeHex(hex), [value]);
  });
}

test('a reference is the object that it means', () => {
  const [list] = decodeHex('0a 00000002 03 0001 61 05 0000 09 07 0001');
  assert.ok(Array.isArray(list));
  assert.deepEqual(list[0], object({ a: null }));
  assert.equal(list[1], list[0]);
});

test('keys of a peer pollute no prototype', () => {
  const [value] = decodeAmf0(fromHex('03 0009 5f5f70726f746f5f5f 03 0001 78 0101 0000 09 0000 09'));
  assert.ok(typeof value === 'object' && value !== null);
  assert.equal(Object.getPrototypeOf(value), null);
  assert.deepEqual(Object.keys(value), ['__proto__']);
  assert.equal(Reflect.get({}, 'x'), undefined);
});

for (const [what, hex] of amf0Refused) {
  test(`${what} is a WireError`, () => {
    assert.throws(() => decodeHex(hex), WireError);
  });
}

const nested = (depth: number): string => `${'0a00000001'.repeat(depth)}05`;

test('containers may be as deep as the limit, and no deeper', () => {
  assert.equal(decodeHex(nested(amfLimits.depth)).length, 1);
  assert.throws(() => decodeHex(nested(amfLimits.depth + 1)), WireError);
});

test('values and text are limited in all', () => {
  const limits = { depth: 4, values: 3, textBytes: 4 };
  assert.equal(decodeAmf0(fromHex('05 05 05'), limits).length, 3);
  assert.throws(() => decodeAmf0(fromHex('05 05 05 05'), limits), WireError);
  assert.throws(() => decodeAmf0(fromHex('0a 00000003 05 05 05'), limits), WireError);
  assert.deepEqual(decodeAmf0(fromHex('02 0002 6161 02 0002 6161'), limits), ['aa', 'aa']);
  assert.throws(() => decodeAmf0(fromHex('02 0002 6161 02 0003 616161'), limits), WireError);
  assert.throws(() => decodeAmf0(fromHex('03 0005 6161616161 05 0000 09'), limits), WireError);
});

test('references are paid for as what they stand for, so that no few bytes make an endless tree', () => {
  // Array 0 is empty; each further one holds eight references to the one before.
  const arrays = Array.from({ length: 10 }, (_, index) => {
    const before = `07${(index - 1).toString(16).padStart(4, '0')}`;
    return index === 0 ? '0a00000000' : `0a00000008${before.repeat(8)}`;
  });
  assert.equal(decodeHex(arrays.slice(0, 4).join('')).length, 4);
  assert.throws(() => decodeHex(arrays.join('')), WireError);
});

test('a reference counts the depth of what it stands for', () => {
  const deep = nested(amfLimits.depth - 1);
  assert.equal(decodeHex(`${deep} 0a00000001 070000`).length, 2);
  assert.throws(() => decodeHex(`${deep} 0a00000001 0a00000001 070000`), WireError);
});

test('any values come back from their bytes', () => {
  fc.assert(
    fc.property(fc.array(amfValues, { maxLength: 5 }), (values) => {
      assert.deepEqual(decodeAmf0(encodeAmf0(...values)), values);
    }),
    { numRuns: 1000 },
  );
});

test('a string of more than 65,535 bytes goes as a long one, and such a key is refused', () => {
  const text = 'x'.repeat(65_536);
  assert.deepEqual(decodeAmf0(encodeAmf0(text)), [text]);
  assert.equal(encodeAmf0(text)[0], 0x0c);
  assert.throws(() => encodeAmf0({ [text]: 1 }), RangeError);
});

test('only WireError leaves the decoder, on any bytes, also damaged ones', () => {
  const damaged = fc
    .tuple(fc.array(amfValues, { maxLength: 4 }), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }))
    .map(([values, flips]) => {
      const bytes = encodeAmf0(...values);
      for (const [at, value] of flips) bytes[at % bytes.length] = value;
      return bytes;
    });
  const markers = fc.array(fc.nat(0x13), { maxLength: 60 }).map((list) => Uint8Array.from(list));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), markers, damaged), (bytes) => {
      try {
        decodeAmf0(bytes);
      } catch (error) {
        assert.ok(error instanceof WireError, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
