import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createByteReader } from '../../../../src/core/bytes/byte-reader.js';
import { createByteWriter } from '../../../../src/core/bytes/byte-writer.js';

test('the reader reads what the writer wrote, big-endian', () => {
  const writer = createByteWriter();
  writer.u8(0x01);
  writer.u16(0x0203);
  writer.u32(0xfffefdfc);
  writer.i16(-2);
  writer.f64(-0.5);
  writer.bytes(Buffer.from('€'));
  const bytes = writer.finish();
  assert.equal(Buffer.from(bytes).toString('hex'), '010203fffefdfcfffebfe0000000000000e282ac');
  const reader = createByteReader(bytes, 'test');
  assert.equal(reader.u24(), 0x010203);
  assert.equal(reader.u16(), 0xfffe);
  assert.equal(reader.offset, 5);
  assert.equal(reader.remaining, 15);
  assert.deepEqual(reader.bytes(2), Uint8Array.of(0xfd, 0xfc));
  assert.equal(reader.i16(), -2);
  assert.equal(reader.f64(), -0.5);
  assert.equal(reader.text(3), '€');
  assert.equal(reader.remaining, 0);
});

test('the reader goes by the bounds of a view, not of its buffer', () => {
  const view = Uint8Array.of(1, 2, 3, 4, 5).subarray(1, 4);
  const reader = createByteReader(view, 'test');
  assert.equal(reader.u8(), 2);
  assert.equal(reader.u16(), 0x0304);
  assert.throws(() => reader.u8(), { name: 'WireError', message: 'test: 1 bytes wanted at 3, 0 there' });
});

test('a read beyond the end is a WireError, and takes nothing', () => {
  const reader = createByteReader(Uint8Array.of(1, 2), 'test');
  const reads = ['u24', 'u32', 'f64'] as const;
  for (const read of reads) assert.throws(() => reader[read](), { name: 'WireError' });
  assert.throws(() => reader.bytes(3), { name: 'WireError' });
  assert.throws(() => reader.text(0xffffffff), { name: 'WireError' });
  assert.equal(reader.u16(), 0x0102);
});

test('the writer grows by small and by large pieces, and what it gave does not change', () => {
  const writer = createByteWriter();
  for (let value = 0; value < 1000; value += 1) writer.u8(value & 0xff);
  writer.bytes(new Uint8Array(10_000).fill(7));
  const bytes = writer.finish();
  writer.u8(1);
  assert.equal(bytes.length, 11_000);
  assert.equal(bytes[999], 999 & 0xff);
  assert.equal(bytes[10_999], 7);
});
