import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { parseVp9Header } from '../../../../src/core/codec/vp9-header.js';
import { bytesOfBits } from './bit-text.js';
import { damaged, orRefused } from './damage.js';
import { vp9Samples } from './enhanced-samples.js';
import { bytesOf } from './h264-samples.js';

test('keyframes of libvpx have profile and size', () => {
  for (const { name, frame, size, profile } of vp9Samples) {
    assert.deepEqual(parseVp9Header(frame), { profile, isKeyframe: true, size }, name);
  }
});

test('other frames, and one that shows a frame again, have the profile alone', () => {
  for (const [hex, profile] of [
    ['86004092f0a1', 0],
    ['96004092', 2],
    ['88', 0],
    ['a8', 1],
  ] as const) {
    assert.deepEqual(parseVp9Header(bytesOf(hex)), { profile, isKeyframe: false, size: null }, hex);
  }
});

test('keyframes of 4:4:4, of RGB and of 12 bits are read past their colours', () => {
  const sync = (0x498342).toString(2).padStart(24, '0');
  const key = (marker: string, colours: string): Uint8Array =>
    bytesOfBits(marker, sync, colours, '0000000100111111', '0000000010110011');
  const size = { width: 320, height: 180 };
  const rows = [
    ['10 10 0 0 1 0', '001 0 000', 1],
    ['10 10 0 0 1 0', '111 0', 1],
    ['10 01 0 0 1 0', '1 001 0', 2],
    ['10 11 0 0 0 1 0', '1 001 0 000', 3],
  ] as const;
  for (const [marker, colours, profile] of rows) {
    assert.deepEqual(parseVp9Header(key(marker, colours)), {
      profile,
      isKeyframe: true,
      size,
    });
  }
});

test('what is no frame, or no keyframe, is refused', () => {
  for (const hex of ['', '02', 'c2', 'b8', '82498343', '824983', '82498342', '82498342e0']) {
    assert.throws(() => parseVp9Header(bytesOf(hex)), WireError, hex);
  }
});

test('damaged frames are refused by WireError or give a size', () => {
  const seeds = vp9Samples.map(({ frame }) => frame);
  fc.assert(
    fc.property(damaged(seeds), (bytes) => {
      const header = orRefused(() => parseVp9Header(bytes));
      if (header?.size) for (const edge of Object.values(header.size)) assert.ok(edge >= 1 && edge <= 65_536);
    }),
    { numRuns: 3000 },
  );
});
