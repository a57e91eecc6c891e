import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { parseH264Config } from '../../../../src/core/codec/h264-config.js';
import { damaged, orRefused } from './damage.js';
import { bytesOf, h264Samples } from './h264-samples.js';

test('records of x264 give one SPS, one PPS, lengths of 4 bytes and the profile', () => {
  for (const { name, record, profileLevelId } of h264Samples) {
    const config = parseH264Config(bytesOf(record));
    assert.equal(config.nalLengthSize, 4, name);
    assert.equal(config.profileLevelId, profileLevelId, name);
    assert.deepEqual([config.sps.length, config.pps.length], [1, 1], name);
    assert.ok(record.includes(Buffer.from(config.sps[0] ?? []).toString('hex')), name);
    assert.equal(config.pps[0]?.[0], 0x68, name);
  }
});

test('several parameter sets are taken, and none where the source sends them among its frames', () => {
  const config = parseH264Config(bytesOf('01640028fde2000467640028000467640029020002680100026802'));
  const hex = (sets: readonly Uint8Array[]) => sets.map((set) => Buffer.from(set).toString('hex'));
  assert.deepEqual(hex(config.sps), ['67640028', '67640029']);
  assert.deepEqual(hex(config.pps), ['6801', '6802']);
  assert.equal(config.nalLengthSize, 2);
  assert.deepEqual(parseH264Config(bytesOf('014d401ffce000')), {
    sps: [],
    pps: [],
    nalLengthSize: 1,
    profileLevelId: '4d401f',
  });
});

test('the SPS is believed about its profile, not the record around it', () => {
  assert.equal(parseH264Config(bytesOf('01000000ffe100046742c01e00')).profileLevelId, '42c01e');
});

test('another version, lengths of 3 bytes, sets of another kind, a cut and a huge record are refused', () => {
  const whole = h264Samples[0]?.record ?? '';
  const wrong = [
    '',
    `00${whole.slice(2)}`,
    whole.replace('ffe1', 'fee1'),
    whole.replace('6742', '6842'),
    whole.slice(0, 40),
  ];
  for (const hex of wrong) assert.throws(() => parseH264Config(bytesOf(hex)), WireError, hex);
  assert.throws(() => parseH264Config(bytesOf(whole + '00'.repeat(20_000))), WireError);
});

test('damaged records are refused by WireError or give sets within the record', () => {
  const seeds = h264Samples.map(({ record }) => bytesOf(record));
  fc.assert(
    fc.property(damaged(seeds), (bytes) => {
      const config = orRefused(() => parseH264Config(bytes));
      const sizes = [...(config?.sps ?? []), ...(config?.pps ?? [])].map((set) => set.length);
      assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= bytes.length);
    }),
    { numRuns: 2000 },
  );
});
