import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AmfValue } from '../../../../src/core/amf/amf-value.js';
import { decodeAmf0 } from '../../../../src/core/amf/amf0.js';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { amf3Refused, amf3Values, object } from './amf-cases.js';
import { amfValues } from './amf-values.js';
import { encodeAmf3 } from './amf3-encode.js';

const fromHex = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const decodeHex = (hex: string): AmfValue[] => decodeAmf0(fromHex(hex));
const hexOf = (text: string): string => Buffer.from(text).toString('hex');
const nameHex = (text: string): string => (text.length * 2 + 1).toString(16).padStart(2, '0') + hexOf(text);

for (const [what, hex, value] of amf3Values) {
  test(`AMF3 has ${what}`, () => {
    assert.deepEqual(decodeHex(`11 ${hex}`), [value]);
  });
}

test('AMF0 goes on after an AMF3 value, also inside a container', () => {
  assert.deepEqual(decodeHex('0a 00000002 11 04 05 01 01 05'), [[5, true], null]);
});

test('references to strings, classes and objects hold for the whole message', () => {
  const [first, second, again] = decodeHex('11 0a 13 0343 0361 06 03 78  11 0a 01 06 04  11 0a 00');
  assert.deepEqual(first, object({ a: 'x' }));
  assert.deepEqual(second, object({ a: 'x' }));
  assert.equal(again, first);
});

test('dates, XML and bytes can be referred to, and the empty string takes no place among the strings', () => {
  assert.deepEqual(decodeHex('11 08 01 4059000000000000 11 08 00'), [new Date(100), new Date(100)]);
  assert.deepEqual(decodeHex('11 0c 03 07 11 0b 03 61 11 0b 02 11 0c 00'), [
    Uint8Array.of(7),
    'a',
    'a',
    Uint8Array.of(7),
  ]);
  assert.deepEqual(decodeHex('11 06 01 11 06 03 61 11 06 00'), ['', 'a', 'a']);
});

test('bytes are a copy', () => {
  const message = fromHex('11 0c 03 07');
  const [bytes] = decodeAmf0(message);
  message.fill(0);
  assert.deepEqual(bytes, Uint8Array.of(7));
});

test('keys of a peer pollute no prototype', () => {
  const [value] = decodeHex(`11 0a 0b 01 ${nameHex('__proto__')} 0a 01 ${nameHex('x')} 03 01 01`);
  assert.ok(typeof value === 'object' && value !== null);
  assert.equal(Object.getPrototypeOf(value), null);
  assert.equal(Reflect.get({}, 'x'), undefined);
});

for (const [what, hex] of amf3Refused) {
  test(`${what} is a WireError`, () => {
    assert.throws(() => decodeHex(`11 ${hex}`), WireError);
  });
}

const limits = { depth: 3, values: 6, textBytes: 4 };
const decodeLimited = (hex: string): AmfValue[] => decodeAmf0(fromHex(hex), limits);

test('depth, values and text are limited over AMF0 and AMF3 together', () => {
  assert.equal(decodeLimited('0a 00000001 11 09 03 01 09 03 01 01').length, 1);
  assert.throws(() => decodeLimited('0a 00000001 11 09 03 01 09 03 01 09 03 01 01'), WireError);
  assert.equal(decodeLimited('05 05 05 11 09 05 01 01 01').length, 4);
  assert.throws(() => decodeLimited('05 05 05 05 11 09 05 01 01 01'), WireError);
  assert.equal(decodeLimited('02 0002 6161 11 06 05 6161').length, 2);
  assert.throws(() => decodeLimited('02 0003 616161 11 06 05 6161'), WireError);
});

test('a string or a key costs its bytes each time that it is referred to', () => {
  assert.equal(decodeLimited('11 06 05 6161 11 06 00').length, 2);
  assert.throws(() => decodeLimited('11 06 05 6161 11 06 00 11 06 00'), WireError);
  // A class with the key "a", named once and used by its objects.
  assert.equal(decodeLimited('11 0a 13 01 0361 01 11 0a 01 01').length, 2);
  assert.throws(() => decodeLimited('11 0a 13 01 05 6161 01 11 0a 01 01'), WireError);
});

test('the keys of a class are limited as values are', () => {
  assert.throws(() => decodeLimited('11 0a 8103 01 01 01 01 01 01 01 01 01'), WireError);
});

test('references are paid for as what they stand for, so that no few bytes make an endless tree', () => {
  // Array 0 is empty; each further one holds eight references to the one before.
  const arrays = Array.from({ length: 10 }, (_, index) => {
    const before = `09${((index - 1) * 2).toString(16).padStart(2, '0')}`;
    return index === 0 ? '11 09 01 01' : `11 09 11 01 ${before.repeat(8)}`;
  });
  assert.equal(decodeHex(arrays.slice(0, 4).join('')).length, 4);
  assert.throws(() => decodeHex(arrays.join('')), WireError);
});

test('any values come back from their bytes', () => {
  fc.assert(
    fc.property(fc.array(amfValues, { maxLength: 5 }), fc.boolean(), (values, sealed) => {
      assert.deepEqual(decodeAmf0(encodeAmf3(values, sealed)), values);
    }),
    { numRuns: 1000 },
  );
});

test('only WireError leaves the decoder, on any bytes, also damaged ones', () => {
  const damaged = fc
    .tuple(fc.array(amfValues, { maxLength: 4 }), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }))
    .map(([values, flips]) => {
      const bytes = encodeAmf3(values, true);
      for (const [at, value] of flips) bytes[at % bytes.length] = value;
      return bytes;
    });
  const markers = fc.array(fc.nat(0x13), { maxLength: 60 }).map((list) => Uint8Array.of(0x11, ...list));
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
