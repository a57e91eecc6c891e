import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodingKey, type VideoWish, wishedSize } from '../../../../src/core/codec/video-encoding.js';
import { onGrid } from '../../../../src/core/codec/wish-grid.js';

const source = { width: 1280, height: 720 };
const wish = (given: Partial<VideoWish>): VideoWish => ({
  width: null,
  height: null,
  bitrateKbps: null,
  quality: null,
  ...given,
});

const sizes: readonly (readonly [Partial<VideoWish>, string | null])[] = [
  [{ width: 320, height: 180 }, '320x180'],
  [{ width: 322, height: 181 }, '320x180'],
  [{ width: 640, height: 360 }, '640x360'],
  [{ height: 360 }, '640x360'],
  [{ width: 640 }, '640x360'],
  [{ width: 160, height: 120 }, '160x120'],
  [{ width: 640, height: 480 }, '640x480'],
  [{ width: 854, height: 480 }, '854x480'],
  [{ width: 1280, height: 720 }, null],
  [{ width: 1920, height: 1080 }, null],
  [{ height: 1080 }, null],
  [{ width: 7680, height: 100 }, '210x90'],
];
for (const [given, size] of sizes) {
  test(`${JSON.stringify(given)} of 1280x720 is ${size ?? 'the source as it is'}`, () => {
    const met = onGrid(wish(given), source);
    const made = met === null ? null : wishedSize(met, source);
    assert.equal(made === null ? null : `${made.width}x${made.height}`, size);
  });
}

test('bitrates that hardly differ are one', () => {
  const wished = [200, 210, 220, 230, 240, 250, 260, 270, 280, 290];
  const met = new Set(wished.map((bitrateKbps) => onGrid(wish({ bitrateKbps }), source)?.bitrateKbps));
  assert.deepEqual([...met], [200, 250, 300]);
});

test('a size that is not met leaves the bitrate, and the quality of the source is no wish', () => {
  assert.deepEqual(onGrid(wish({ width: 1920, height: 1080, bitrateKbps: 500 }), source), wish({ bitrateKbps: 500 }));
  assert.equal(onGrid(wish({ quality: 98 }), source), null);
  assert.equal(onGrid(wish({ quality: 52 }), source)?.quality, 50);
});

test('while the size of the source is not known a size is on the grid all the same', () => {
  assert.deepEqual(onGrid(wish({ width: 322, height: 181 }), null), wish({ width: 320, height: 180 }));
  assert.deepEqual(onGrid(wish({ height: 350 }), null), wish({ height: 360 }));
});

test('all wishes together make few renditions, none of them larger than the source', () => {
  const sides = fc.option(fc.integer({ min: 16, max: 7680 }));
  const any = fc.record({
    width: sides,
    height: sides,
    bitrateKbps: fc.option(fc.integer({ min: 50, max: 100_000 })),
    quality: fc.option(fc.integer({ min: 1, max: 100 })),
  });
  const keys = new Set<string>();
  fc.assert(
    fc.property(any, (given) => {
      const met = onGrid(given, source);
      if (met === null) return;
      const size = wishedSize(met, source);
      assert.ok(size.width <= source.width && size.height <= source.height, JSON.stringify(met));
      assert.deepEqual(onGrid(met, source), met, 'what is on the grid stays');
      keys.add(
        encodingKey({ kind: 'rendition', codec: 'H264', isSingleNal: false, ...met, bitrateKbps: null, quality: null }),
      );
    }),
    { numRuns: 3000 },
  );
  assert.ok(keys.size <= 120, `${keys.size} sizes`);
});
