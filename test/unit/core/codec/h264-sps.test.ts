import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { parseH264Config } from '../../../../src/core/codec/h264-config.js';
import { parseSps } from '../../../../src/core/codec/h264-sps.js';
import { bytesOfBits } from './bit-text.js';
import { damaged, orRefused } from './damage.js';
import { bytesOf, h264Samples } from './h264-samples.js';

function ue(value: number): string {
  const code = (value + 1).toString(2);
  return '0'.repeat(code.length - 1) + code;
}

function sps(head: string, ...fields: readonly string[]): Uint8Array {
  return Uint8Array.from([...bytesOf(`67${head}`), ...bytesOfBits(...fields, '1')]);
}

const sampleSps = h264Samples.map((sample) => ({
  sample,
  bytes: parseH264Config(bytesOf(sample.record)).sps[0] ?? new Uint8Array(),
}));

test('SPS of x264 have size, profile and reordering as ffprobe does', () => {
  for (const { sample, bytes } of sampleSps) {
    const { width, height, maxNumReorderFrames, profileIdc, constraintFlags, levelIdc } = parseSps(bytes);
    assert.deepEqual(
      [width, height, maxNumReorderFrames],
      [sample.width, sample.height, sample.maxNumReorderFrames],
      sample.name,
    );
    assert.equal(Buffer.of(profileIdc, constraintFlags, levelIdc).toString('hex'), sample.profileLevelId, sample.name);
  }
});

test('order of decoding is order of output with pic_order_cnt_type 2, and unknown without a VUI otherwise', () => {
  const size = [ue(1), '0', ue(19), ue(14), '1', '1', '0', '0'];
  const inOrder = parseSps(sps('42c01e', ue(0), ue(0), ue(2), ...size));
  assert.deepEqual([inOrder.width, inOrder.height, inOrder.maxNumReorderFrames], [320, 240, 0]);
  assert.equal(parseSps(sps('42c01e', ue(0), ue(0), ue(0), ue(2), ...size)).maxNumReorderFrames, null);
  const cycle = [ue(1), '0', ue(0), ue(0), ue(2), ue(3), ue(4)];
  assert.equal(parseSps(sps('42c01e', ue(0), ue(0), ...cycle, ...size)).width, 320);
});

test('separate colour planes are cropped by single samples', () => {
  const chroma = [ue(3), '1', ue(0), ue(0), '0', '0'];
  const cropped = [ue(1), '0', ue(19), ue(14), '1', '1', '1', ue(0), ue(3), ue(0), ue(5), '0'];
  const { width, height } = parseSps(sps('f4001e', ue(0), ...chroma, ue(0), ue(2), ...cropped));
  assert.deepEqual([width, height], [317, 235]);
});

test('a cropping that leaves no picture is passed over', () => {
  const cropped = [ue(19), ue(14), '1', '1', '1', ue(100), ue(60), ue(0), ue(0), '0'];
  const { width, height } = parseSps(sps('42c01e', ue(0), ue(0), ue(2), ue(1), '0', ...cropped));
  assert.deepEqual([width, height], [320, 240]);
});

test('scaling lists of all sizes are passed over', () => {
  // The first ends by falling to 0 (delta -8), the seventh has 64 equal steps, the others are not there.
  const lists = ['1', ue(16), '0'.repeat(5), '1', ue(0).repeat(64), '0'];
  const high = [ue(1), ue(0), ue(0), '0', '1', ...lists];
  const { width } = parseSps(
    sps('64001e', ue(0), ...high, ue(0), ue(2), ue(1), '0', ue(39), ue(29), '1', '1', '0', '0'),
  );
  assert.equal(width, 640);
});

test('all twelve scaling lists of 4:4:4 are passed over', () => {
  const lists = ['1', '0'.repeat(8), `1${ue(0).repeat(64)}`.repeat(4)];
  const start = [ue(0), ue(3), '0', ue(0), ue(0), '0', ...lists, ue(0), ue(2)];
  assert.equal(parseSps(sps('f4001e', ...start, ue(1), '0', ue(39), ue(29), '1', '1', '0', '0')).width, 640);
});

test('reordering is found behind an aspect ratio that is written out', () => {
  const start = [ue(0), ue(0), ue(0), ue(2), ue(1), '0', ue(19), ue(14), '1', '1', '0'];
  const aspect = ['1', '1'.repeat(8), '0000000000000101', '0000000000000100'];
  const rest = ['0'.repeat(7), '1', '0', ue(0), ue(0), ue(10), ue(10), ue(3), ue(4)];
  assert.equal(parseSps(sps('4d401e', ...start, '1', ...aspect, ...rest)).maxNumReorderFrames, 3);
});

test('a 3 behind a single zero is no emulation prevention', () => {
  const { constraintFlags, levelIdc } = parseSps(
    sps('420003', ue(0), ue(0), ue(2), ue(1), '0', ue(19), ue(14), '1', '1', '0', '0'),
  );
  assert.deepEqual([constraintFlags, levelIdc], [0, 3]);
});

test('a VUI that ends early costs the reordering, not the picture', () => {
  const vui = sps('42c01e', ue(0), ue(0), ue(0), ue(2), ue(1), '0', ue(19), ue(14), '1', '1', '0', '1', '1');
  const { width, height, maxNumReorderFrames } = parseSps(vui);
  assert.deepEqual([width, height, maxNumReorderFrames], [320, 240, null]);
});

test('a picture too large, another NAL unit, and a cut before the size are refused', () => {
  const start = [ue(0), ue(0), ue(2), ue(1), '0'];
  const wrong = [
    sps('42c01e', ...start, ue(5000), ue(14), '1', '1', '0', '0'),
    bytesOf('68ce0fc8'),
    bytesOf('6742c01e'),
    new Uint8Array(0),
    Uint8Array.from([...(sampleSps[0]?.bytes ?? []), ...new Uint8Array(5000)]),
  ];
  for (const bytes of wrong) assert.throws(() => parseSps(bytes), WireError);
});

test('damaged SPS are refused by WireError or give a picture of at most 16,880 samples an edge', () => {
  fc.assert(
    fc.property(damaged(sampleSps.map(({ bytes }) => bytes)), (bytes) => {
      const parsed = orRefused(() => parseSps(bytes));
      if (parsed === null) return;
      assert.ok(parsed.width > 0 && parsed.width <= 16_880 && parsed.height > 0 && parsed.height <= 33_760);
    }),
    { numRuns: 5000 },
  );
});
