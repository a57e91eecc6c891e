import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { createBitReader } from '../../../../src/core/codec/bit-reader.js';

/** Bits as text, filled up with zeros to whole bytes. */
function pack(bits: string): Uint8Array {
  const bytes = bits.match(/.{1,8}/g) ?? [];
  return Uint8Array.from(bytes, (byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
}

/** ue(v) as ITU-T H.264 section 9.1 writes it. */
function ue(value: number): string {
  const code = (value + 1).toString(2);
  return '0'.repeat(code.length - 1) + code;
}

test('fields of any widths come back as they were written', () => {
  const field = fc
    .integer({ min: 0, max: 32 })
    .chain((width) => fc.tuple(fc.constant(width), fc.integer({ min: 0, max: 2 ** width - 1 })));
  fc.assert(
    fc.property(fc.array(field, { maxLength: 40 }), (fields) => {
      const bits = fields.map(([width, value]) => (width === 0 ? '' : value.toString(2).padStart(width, '0'))).join('');
      const reader = createBitReader(pack(bits), 'test');
      for (const [width, value] of fields) assert.equal(reader.bits(width), value);
      assert.ok(reader.bitsLeft < 8);
    }),
  );
});

test('the codes of the table of section 9.1.1 are read as unsigned and signed', () => {
  const codes = pack(['1', '010', '011', '00100', '00101', '00110', '00111', '0001000'].join(''));
  const unsigned = createBitReader(codes, 'test');
  assert.deepEqual(
    Array.from({ length: 8 }, () => unsigned.unsignedExpGolomb()),
    [0, 1, 2, 3, 4, 5, 6, 7],
  );
  const signed = createBitReader(codes, 'test');
  assert.deepEqual(
    Array.from({ length: 8 }, () => signed.signedExpGolomb() + 0),
    [0, 1, -1, 2, -2, 3, -3, 4],
  );
});

test('Exp-Golomb codes reach 2^32 - 2, and a longer one is refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 2 }), (value) => {
      assert.equal(createBitReader(pack(ue(value)), 'test').unsignedExpGolomb(), value);
    }),
  );
  assert.throws(() => createBitReader(new Uint8Array(1000), 'test').unsignedExpGolomb(), WireError);
});

test('align goes to the next whole byte, and not beyond one', () => {
  const reader = createBitReader(Uint8Array.of(0x80, 0x41, 0x42), 'test');
  assert.equal(reader.flag(), true);
  reader.align();
  assert.equal(reader.bits(8), 0x41);
  reader.align();
  assert.equal(reader.bits(8), 0x42);
});

test('no read goes beyond the data', () => {
  const reader = createBitReader(Uint8Array.of(0xff), 'test');
  reader.skip(3);
  for (const read of [() => reader.bits(6), () => reader.skip(6)]) assert.throws(read, WireError);
  assert.equal(reader.bits(5), 31);
  assert.throws(() => reader.flag(), WireError);
});
