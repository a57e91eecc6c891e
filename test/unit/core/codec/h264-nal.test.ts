import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { nalType, nalTypes, splitNals } from '../../../../src/core/codec/h264-nal.js';
import { damaged, orRefused } from './damage.js';
import { bytesOf } from './h264-samples.js';

const sizes = [1, 2, 4] as const;

function join(nals: readonly Uint8Array[], nalLengthSize: number): Uint8Array {
  return Uint8Array.from(
    nals.flatMap((nal) => {
      const length = Array.from(
        { length: nalLengthSize },
        (_, n) => (nal.length / 256 ** (nalLengthSize - 1 - n)) & 255,
      );
      return [...length, ...nal];
    }),
  );
}

test('NAL units joined with lengths of any size are split again as views, those without bytes left out', () => {
  const nals = fc.array(fc.uint8Array({ maxLength: 250 }), { maxLength: 10 });
  fc.assert(
    fc.property(nals, fc.constantFrom(...sizes), (units, nalLengthSize) => {
      const data = join(units, nalLengthSize);
      const split = splitNals(data, nalLengthSize);
      assert.deepEqual(
        split,
        units.filter((unit) => unit.length > 0),
      );
      for (const nal of split) assert.equal(nal.buffer, data.buffer);
    }),
  );
});

test('types are read from the first byte', () => {
  assert.deepEqual(
    ['65', '61', '67', '68', '06', '09'].map((hex) => nalType(bytesOf(hex))),
    [nalTypes.idr, nalTypes.nonIdr, nalTypes.sps, nalTypes.pps, nalTypes.sei, nalTypes.aud],
  );
  assert.equal(nalType(new Uint8Array(0)), 0);
});

test('a length beyond the data, a cut length, and lengths near 2^32 are refused', () => {
  for (const hex of ['0000000365aa', '000000', 'ffffffff65', '0000000165000000']) {
    assert.throws(() => splitNals(bytesOf(hex), 4), WireError, hex);
  }
});

test('a flood of tiny NAL units is refused', () => {
  const flood = new Uint8Array(2 * 8193).map((_, at) => (at % 2 === 0 ? 1 : 0x65));
  assert.throws(() => splitNals(flood, 1), WireError);
  assert.equal(splitNals(flood.subarray(2), 1).length, 8192);
});

test('damaged access units are refused by WireError or split within their bytes', () => {
  const seeds = [bytesOf('00000002098000000003650102'), bytesOf('000165000241aa')];
  fc.assert(
    fc.property(damaged(seeds), fc.constantFrom(...sizes), (bytes, nalLengthSize) => {
      const nals = orRefused(() => splitNals(bytes, nalLengthSize)) ?? [];
      assert.ok(nals.reduce((sum, nal) => sum + nal.length, 0) <= bytes.length);
    }),
    { numRuns: 2000 },
  );
});
