import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { parseH265Config } from '../../../../src/core/codec/h265-config.js';
import { h265NalType, isIrap } from '../../../../src/core/codec/h265-nal.js';
import { parseH265Sps } from '../../../../src/core/codec/h265-sps.js';
import { bytesOfBits, withEmulationPrevention } from './bit-text.js';
import { damaged, orRefused } from './damage.js';
import { h265Samples } from './enhanced-samples.js';
import { bytesOf } from './h264-samples.js';

const hexOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
const records = h265Samples.map(({ record }) => record);
const spsOf = (record: Uint8Array): Uint8Array => parseH265Config(record).sps[0] ?? new Uint8Array();

test('records of x265 give one set of each kind, lengths of 4 bytes, profile, tier and level', () => {
  for (const { name, record, profile } of h265Samples) {
    const { vps, sps, pps, nalLengthSize, ...rest } = parseH265Config(record);
    assert.deepEqual(
      [vps, sps, pps].map((sets) => sets.map(h265NalType)),
      [[32], [33], [34]],
      name,
    );
    assert.equal(nalLengthSize, 4);
    assert.deepEqual(rest, profile, name);
    assert.equal(sps[0]?.buffer, record.buffer, 'a view');
  }
});

test('SPS of x265 have size, profile, depth and reordering', () => {
  for (const { name, record, size, profile, bitDepth, maxNumReorderPics } of h265Samples) {
    const [width, height] = size;
    assert.deepEqual(
      parseH265Sps(spsOf(record)),
      { width, height, ...profile, spsId: 0, bitDepth, chromaFormatIdc: 1, maxNumReorderPics },
      name,
    );
  }
});

test('an SPS of several sub-layers is read past their levels, and the highest has the reordering', () => {
  const general = bytesOf('01600000009000000000005d');
  // Two sub-layers below, the first with a profile and a level, the second with a level alone.
  const layers = ['11 01 00 00 00 00 00 00', '0'.repeat(88 + 8 + 8)];
  // SPS 0, 4:2:0, 320 x 180, no window, 8 bits, 4 bits of order count; of each sub-layer (4, 0, 0), (4, 1, 0), (4, 2, 0).
  const size = '1 010 00000000101000001 000000010110101 0 1 1 00101';
  const fields = bytesOfBits(...layers, size, '1 00101 1 1', '00101 010 1', '00101 011 1', '1');
  const sps = parseH265Sps(
    Uint8Array.from([0x42, 1, ...withEmulationPrevention(Uint8Array.from([5, ...general, ...fields]))]),
  );
  assert.deepEqual([sps.width, sps.height, sps.levelIdc, sps.maxNumReorderPics], [320, 180, 93, 2]);
});

test('a conformance window that leaves no picture is passed over', () => {
  const general = bytesOf('01600000009000000000005d');
  // SPS 0, 4:2:0, 320 x 180, of which the window leaves out 2 x 160 columns; 8 bits, 4 bits of order count; (4, 0, 0).
  const size = '1 010 00000000101000001 000000010110101 1 000000010100001 1 1 1 1 1 00101';
  const fields = bytesOfBits(size, '1 00101 1 1', '1');
  const sps = parseH265Sps(
    Uint8Array.from([0x42, 1, ...withEmulationPrevention(Uint8Array.from([1, ...general, ...fields]))]),
  );
  assert.deepEqual([sps.width, sps.height], [320, 180]);
});

test('random access points are told from other frames', () => {
  const types = Array.from({ length: 64 }, (_, type) => type).filter(isIrap);
  assert.deepEqual(types, [16, 17, 18, 19, 20, 21, 22, 23]);
  assert.deepEqual(
    ['2801', '2a01', '0201', '00', ''].map((hex) => h265NalType(bytesOf(hex))),
    [20, 21, 1, 63, 63],
  );
});

test('of a record that is cut the sets before the cut are taken; version 0 and lengths of 3 bytes are read', () => {
  const whole = hexOf(records[0]);
  const { vps } = parseH265Config(records[0] ?? new Uint8Array());
  const cut = parseH265Config(bytesOf(whole.slice(0, 60 + 2 * (vps[0]?.length ?? 0))));
  assert.deepEqual([cut.vps, cut.pps], [vps, []]);
  assert.deepEqual(parseH265Config(bytesOf(`00${whole.slice(2)}`)).vps, vps);
  assert.equal(parseH265Config(bytesOf(whole.replace('00000f04', '00000e04'))).nalLengthSize, 3);
});

test('another version without sets, a cut before the lengths, a huge record and a flood of sets are refused', () => {
  const whole = hexOf(records[0]);
  const wrong = [
    '',
    `02${whole.slice(2, 44)}00`,
    whole.slice(0, 30),
    whole + '00'.repeat(20_000),
    `${whole.slice(0, 44)}01200041${'00024001'.repeat(65)}`,
  ];
  for (const hex of wrong) assert.throws(() => parseH265Config(bytesOf(hex)), WireError, hex.slice(0, 80));
});

test('a record of another version is read where it has an SPS', () => {
  const whole = hexOf(records[0]);
  assert.deepEqual(parseH265Config(bytesOf(`02${whole.slice(2)}`)), parseH265Config(bytesOf(whole)));
});

test('an SPS of another kind, of too many sub-layers or without video is refused', () => {
  const sps = hexOf(spsOf(records[1] ?? new Uint8Array()));
  for (const hex of ['', '42', sps.replace('4201', '4401'), sps.replace('420101', '42010f'), sps.slice(0, 30)]) {
    assert.throws(() => parseH265Sps(bytesOf(hex)), WireError, hex);
  }
});

test('damaged records are refused by WireError or give sets within the record', () => {
  fc.assert(
    fc.property(damaged(records), (bytes) => {
      const config = orRefused(() => parseH265Config(bytes));
      const sets = config === null ? [] : [...config.vps, ...config.sps, ...config.pps];
      assert.ok(sets.reduce((sum, set) => sum + set.length, 0) <= bytes.length);
      assert.ok(sets.every((set) => set.buffer === bytes.buffer));
    }),
    { numRuns: 2000 },
  );
});

test('damaged SPS are refused by WireError or give a size within the limits', () => {
  fc.assert(
    fc.property(damaged(records.map(spsOf)), (bytes) => {
      const sps = orRefused(() => parseH265Sps(bytes));
      if (sps === null) return;
      for (const edge of [sps.width, sps.height]) assert.ok(edge >= 1 && edge <= 16_888);
      assert.ok(sps.maxNumReorderPics <= 15 && sps.bitDepth >= 8 && sps.bitDepth <= 16);
    }),
    { numRuns: 3000 },
  );
});
