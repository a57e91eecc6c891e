import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { h264 } from '../../../../src/core/access-unit/h264.js';
import { joinNals, type LengthBytes, NalFraming } from '../../../../src/core/access-unit/nal-framing.js';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { damaged, orRefused } from '../codec/damage.js';
import { bytesOf } from '../codec/h264-samples.js';

const sizes = [1, 2, 3, 4] as const;
const sps = bytesOf('6742c01e1234');
const pps = bytesOf('68ce3c80');
const picture = Uint8Array.from({ length: 200 }, (_, n) => (n === 0 ? 0x65 : 1 + ((n * 7) % 255)));
const units = [sps, pps, picture];

function join(nals: readonly Uint8Array[], lengthBytes: number): Uint8Array {
  return Uint8Array.from(
    nals.flatMap((nal) => {
      const length = Array.from({ length: lengthBytes }, (_, n) => (nal.length / 256 ** (lengthBytes - 1 - n)) & 255);
      return [...length, ...nal];
    }),
  );
}

const behindCodes = (nals: readonly Uint8Array[], code: readonly number[]): Uint8Array =>
  Uint8Array.from(nals.flatMap((nal) => [...code, ...nal]));
const read = (data: Uint8Array, lengthBytes: LengthBytes | null = 4) =>
  new NalFraming(lengthBytes, h264.isUnit).read(data);

test('units behind lengths of any size are read as views, those without bytes left out', () => {
  const bytes = fc
    .uint8Array({ maxLength: 250 })
    .map((rest) => (rest.length < 2 ? new Uint8Array() : Uint8Array.of(0x65, ...rest.map((byte) => byte | 1))));
  fc.assert(
    fc.property(fc.array(bytes, { minLength: 1, maxLength: 10 }), fc.constantFrom(...sizes), (nals, lengthBytes) => {
      fc.pre(nals.some((nal) => nal.length > 0));
      const data = join(nals, lengthBytes);
      const { nals: found, isPlain } = read(data, lengthBytes);
      assert.deepEqual(
        found,
        nals.filter((nal) => nal.length > 0),
      );
      assert.equal(isPlain, lengthBytes === 4 && nals.every((nal) => nal.length > 0));
      for (const nal of found) assert.equal(nal.buffer, data.buffer);
    }),
  );
});

/** What other readers forgive (test/README.md, P5): each gives the same units. */
const forgiven: readonly { readonly what: string; readonly data: Uint8Array; readonly lengthBytes?: LengthBytes }[] = [
  { what: 'start codes of 4 bytes in place of lengths', data: behindCodes(units, [0, 0, 0, 1]) },
  { what: 'start codes of 3 bytes', data: behindCodes(units, [0, 0, 1]) },
  { what: 'a long start code first, then short ones', data: Uint8Array.of(0, ...behindCodes(units, [0, 0, 1])) },
  {
    what: 'one length over several units',
    data: join([Uint8Array.of(...sps, ...behindCodes([pps, picture], [0, 0, 0, 1]))], 4),
  },
  { what: 'one length over start codes', data: join([behindCodes(units, [0, 0, 0, 1])], 4) },
  { what: 'one length over lengths', data: join([join(units, 4)], 4) },
  { what: 'zeros behind the picture', data: Uint8Array.of(...join(units, 4), ...new Uint8Array(37)) },
  { what: 'padding that is no length', data: Uint8Array.of(...join(units, 4), ...new Uint8Array(37).fill(0xff)) },
  { what: 'lengths of 3 bytes where 4 are announced', data: join(units, 3) },
  { what: 'lengths of 2 bytes where 4 are announced', data: join(units, 2) },
  { what: 'lengths of 4 bytes where 2 are announced', data: join(units, 4), lengthBytes: 2 },
  { what: 'zeros between start codes', data: behindCodes(units, [0, 0, 0, 0, 0, 1]) },
];

for (const { what, data, lengthBytes = 4 } of forgiven) {
  test(`${what}: all units are read`, () => assert.deepEqual(read(data, lengthBytes).nals, units));
}

test('data with units of no bytes are no form that decoders take', () => {
  for (const nals of [
    [picture, new Uint8Array()],
    [new Uint8Array(), picture],
  ]) {
    const { nals: found, isPlain } = read(join(nals, 4));
    assert.deepEqual([found, isPlain], [[picture], false]);
  }
});

test('what was read stays where the last length goes beyond the data', () => {
  const cut = join(units, 4).subarray(0, -50);
  assert.deepEqual(read(cut).nals, [sps, pps]);
});

test('units that are rejoined are what a decoder takes', () => {
  assert.deepEqual(joinNals(units), join(units, 4));
  assert.ok(read(joinNals(units)).isPlain);
});

test('data without a unit are refused: a length beyond them, a cut length, lengths near 2^32, zeros, nothing', () => {
  for (const hex of ['000000', 'ffffffff65', '0000000000', '', '00000001', '000000ff05']) {
    assert.throws(() => read(bytesOf(hex)), WireError, hex);
  }
});

test('a flood of tiny NAL units is refused', () => {
  const flood = new Uint8Array(2 * 8193).map((_, at) => (at % 2 === 0 ? 1 : 0x65));
  assert.throws(() => read(flood, 1), WireError);
  assert.equal(read(flood.subarray(2), 1).nals.length, 8192);
});

test('damaged access units are refused by WireError or read within their bytes', () => {
  const seeds = [bytesOf('00000002098000000003650102'), bytesOf('000165000241aa'), ...forgiven.map(({ data }) => data)];
  fc.assert(
    fc.property(damaged(seeds), fc.constantFrom(...sizes), (bytes, lengthBytes) => {
      const nals = orRefused(() => read(bytes, lengthBytes))?.nals ?? [];
      assert.ok(nals.every((nal) => nal.length > 0));
      assert.ok(nals.reduce((sum, nal) => sum + nal.length, 0) <= bytes.length);
    }),
    { numRuns: 2000 },
  );
});
