import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { parseAv1Config, parseAv1Sequence } from '../../../../src/core/codec/av1-config.js';
import { type Obu, obuTypes, splitObus } from '../../../../src/core/codec/av1-obu.js';
import { bytesOfBits } from './bit-text.js';
import { damaged, orRefused } from './damage.js';
import { av1Samples } from './enhanced-samples.js';
import { bytesOf } from './h264-samples.js';

const hexOf = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString('hex');
const sequenceOf = (frame: Uint8Array): Uint8Array =>
  splitObus(frame).find(({ type }) => type === obuTypes.sequenceHeader)?.payload ?? new Uint8Array();

test('records of SVT-AV1 give profile, level, tier and the sequence header without its size', () => {
  for (const { name, record, config } of av1Samples) {
    const { sequenceHeader, ...rest } = parseAv1Config(record);
    assert.deepEqual(rest, config, name);
    assert.equal(hexOf(sequenceHeader), `08${hexOf(record.subarray(6))}`, name);
  }
});

test('sequence headers, from the record and from the frames, have size, profile and level', () => {
  for (const { name, record, frame, size, config } of av1Samples) {
    const expected = { ...config, width: size[0], height: size[1] };
    assert.deepEqual(parseAv1Sequence(sequenceOf(frame)), expected, name);
    assert.deepEqual(
      parseAv1Sequence((parseAv1Config(record).sequenceHeader ?? new Uint8Array()).subarray(1)),
      expected,
    );
  }
});

test('a sequence header with timing, a decoder model, delays and two operating points is read past them', () => {
  const point = (level: string, tail: string) => `${'0'.repeat(12)}${level}${tail}`;
  const fields = [
    '001',
    '0',
    '0',
    '1',
    '0'.repeat(64),
    '1',
    '00101',
    // A decoder model of 10 bits a delay, then display delays.
    '1',
    '01001',
    '0'.repeat(42),
    '1',
    '00001',
    point('01001', `1 1${'0'.repeat(21)} 11111`),
    point('00111', '0 0'),
    '1010',
    '1001',
    '10011111111',
    '1000011011',
  ];
  const bits =
    fields
      .join('')
      .replaceAll(' ', '')
      .match(/.{1,8}/g) ?? [];
  const payload = Uint8Array.from(bits.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
  assert.deepEqual(parseAv1Sequence(payload), { profile: 1, levelIdx: 9, tier: 1, width: 1280, height: 540 });
});

test('the header of a still picture is the short one', () => {
  const payload = bytesOfBits('000 1 1 01000 0111 0111 11111111 01111111');
  assert.deepEqual(parseAv1Sequence(payload), { profile: 0, levelIdx: 8, tier: 0, width: 256, height: 128 });
});

test('a record without OBUs has no sequence header; another marker or a cut is refused', () => {
  assert.equal(parseAv1Config(bytesOf('81000c00')).sequenceHeader, null);
  for (const hex of ['', '81000c', '80000c00', '82000c00', '81000c000a0b00', `81000c00${'00'.repeat(20_000)}`]) {
    assert.throws(() => parseAv1Config(bytesOf(hex)), WireError, hex.slice(0, 40));
  }
});

const split = (hex: string) =>
  splitObus(bytesOf(hex.replaceAll(' ', ''))).map(({ type, header, payload }) => [type, hexOf(header), hexOf(payload)]);

test('OBUs come apart with and without extension and size, delimiters and padding left out', () => {
  assert.deepEqual(split('1200 0a02aabb 360801cc 7a0100 30ddee'), [
    [1, '08', 'aabb'],
    [6, '3408', 'cc'],
    [6, '30', 'ddee'],
  ]);
});

test('sizes beyond the data, of more than 32 bits, a forbidden bit and a flood of OBUs are refused', () => {
  const wrong = ['0a', '0a05aabb', '0e', '8a0100', '0affffffffffffffff7f', '0a8080808080808080', '0a00'.repeat(1025)];
  for (const hex of wrong) assert.throws(() => split(hex), WireError, hex.slice(0, 40));
});

test('what is put together from OBUs comes apart into the same', () => {
  const obu = fc.record({
    type: fc.constantFrom(1, 3, 4, 5, 6, 7, 8),
    extension: fc.option(fc.nat(255)),
    payload: fc.uint8Array({ maxLength: 300 }),
  });
  fc.assert(
    fc.property(fc.array(obu, { maxLength: 12 }), fc.boolean(), (obus, lastIsBare) => {
      const wire = obus.flatMap(({ type, extension, payload }, n) => {
        const isBare = lastIsBare && n === obus.length - 1;
        const size = payload.length < 128 ? [payload.length] : [(payload.length & 127) | 128, payload.length >> 7];
        const first = (type << 3) | (extension === null ? 0 : 4) | (isBare ? 0 : 2);
        return [first, ...(extension === null ? [] : [extension]), ...(isBare ? [] : size), ...payload];
      });
      const expected: Obu[] = obus.map(({ type, extension, payload }) => ({
        type,
        payload,
        header: Uint8Array.from([
          (type << 3) | (extension === null ? 0 : 4),
          ...(extension === null ? [] : [extension]),
        ]),
      }));
      const got = splitObus(Uint8Array.from(wire));
      assert.deepEqual(
        got.map(({ payload, ...rest }) => ({ ...rest, payload: Uint8Array.from(payload) })),
        expected,
      );
    }),
    { numRuns: 500 },
  );
});

test('damaged records, sequence headers and frames are refused by WireError or give parts of their bytes', () => {
  const records = av1Samples.map(({ record }) => record);
  const frames = av1Samples.map(({ frame }) => frame);
  fc.assert(
    fc.property(damaged([...records, ...frames, ...frames.map(sequenceOf)]), (bytes) => {
      orRefused(() => parseAv1Config(bytes));
      const sequence = orRefused(() => parseAv1Sequence(bytes));
      if (sequence !== null)
        for (const edge of [sequence.width, sequence.height]) assert.ok(edge >= 1 && edge <= 65_536);
      const obus = orRefused(() => splitObus(bytes)) ?? [];
      assert.ok(obus.reduce((sum, { header, payload }) => sum + header.length + payload.length, 0) <= bytes.length);
    }),
    { numRuns: 3000 },
  );
});
