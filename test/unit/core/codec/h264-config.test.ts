import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { parseH264Config } from '../../../../src/core/codec/h264-config.js';
import { damaged, orRefused } from './damage.js';
import { bytesOf, h264Samples } from './h264-samples.js';

test('records of x264 give one SPS, one PPS and lengths of 4 bytes', () => {
  for (const { name, record } of h264Samples) {
    const config = parseH264Config(bytesOf(record));
    assert.equal(config.nalLengthSize, 4, name);
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
  });
});

test('of a record that is cut the sets before the cut are taken, and a length of 3 bytes; units of another type are left out', () => {
  const whole = h264Samples[0]?.record ?? '';
  const { sps, pps } = parseH264Config(bytesOf(whole));
  const behindSps = 2 * (8 + (sps[0]?.length ?? 0));
  for (const end of [behindSps, behindSps + 2, behindSps + 6, whole.length - 2]) {
    const cut = parseH264Config(bytesOf(whole.slice(0, end)));
    assert.deepEqual([cut.sps, cut.pps], [sps, []], `${end} digits`);
  }
  assert.equal(parseH264Config(bytesOf(whole.replace('ffe1', 'fee1'))).nalLengthSize, 3);
  assert.deepEqual(parseH264Config(bytesOf(whole.replace('6742', '6842'))).sps, []);
  assert.deepEqual(parseH264Config(bytesOf(whole.replace('6742', '6842'))).pps, pps);
});

test('a record of another version is read where it has an SPS', () => {
  const whole = h264Samples[0]?.record ?? '';
  for (const version of ['00', 'ff'])
    assert.deepEqual(parseH264Config(bytesOf(version + whole.slice(2))), parseH264Config(bytesOf(whole)));
});

test('another version without sets, a record that ends before its lengths and a huge one are refused', () => {
  const whole = h264Samples[0]?.record ?? '';
  for (const hex of ['', '004d401ffce000', whole.slice(0, 8)]) {
    assert.throws(() => parseH264Config(bytesOf(hex)), WireError, hex);
  }
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
