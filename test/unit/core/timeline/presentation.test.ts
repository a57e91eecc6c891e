/** When pictures are shown, however false their composition times are (test/README.md, Field: P8, P9). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Presentation } from '../../../../src/core/timeline/presentation.js';

const frameMs = 40;

/** What is shown of pictures of these composition times, as distances from their decoding times. */
function shown(compositionMs: readonly number[], reorderFrames: number | null) {
  const presentation = new Presentation();
  return compositionMs.map((ms, n) => {
    const mediaMs = n * frameMs;
    const presentedMs = presentation.presentedMs(mediaMs, ms, reorderFrames);
    return { offsetMs: presentedMs - mediaMs, passedMs: presentation.passedMs(presentedMs) };
  });
}

const offsets = (compositionMs: readonly number[], reorderFrames: number | null): readonly number[] =>
  shown(compositionMs, reorderFrames).map(({ offsetMs }) => offsetMs);

test('without reordering one offset for all is kept, and none as soon as they differ', () => {
  assert.deepEqual(offsets([80, 80, 81, 80], 0), [80, 80, 80, 80]);
  assert.deepEqual(offsets([0, 400, 0, 60_000, 80], 0), [0, 0, 0, 0, 0]);
  assert.deepEqual(offsets([80, 2500, 80], 0), [80, 0, 0]);
  assert.deepEqual(offsets([60_000, 60_000], 0), [0, 0]);
});

test('with reordering times are as the source says, as far as a decoder can hold pictures back', () => {
  assert.deepEqual(offsets([80, 200, 80, 0, 40], 2), [80, 200, 80, 0, 40]);
  const [, far = 0, back = 0] = offsets([80, 60_000, -60_000], null);
  assert.ok(far <= 32 * frameMs && back >= -32 * frameMs, `${far} and ${back}`);
});

test('sixteen B-frames in a row are shown as the source says; a picture is never shown long before it is decoded', () => {
  // x264 --bframes 16 --b-pyramid none: the SPS states a reordering of one.
  const group = [18 * frameMs, ...Array<number>(16).fill(0)];
  const gop = [frameMs, ...group, ...group];
  assert.deepEqual(offsets(gop, 1), gop);
  const [, back] = offsets([0, -5000], 2);
  assert.ok(back !== undefined && back >= -2 * frameMs - 1, `${back}`);
});

test('RTP time of pictures that are passed on never runs back', () => {
  for (const reorderFrames of [0, 2, null]) {
    const times = shown([0, 700, 0, 60_000, 3, 0, -900, 0, 80], reorderFrames).map(({ passedMs }) => passedMs);
    assert.ok(
      times.every((time, n) => n === 0 || time > (times[n - 1] ?? 0)),
      times.join(' '),
    );
  }
});

test('a source of one picture in two seconds may reorder as any other', () => {
  const presentation = new Presentation();
  const at = (n: number, ms: number) => presentation.presentedMs(n * 2000, ms, 2) - n * 2000;
  assert.deepEqual([at(0, 4000), at(1, 10_000), at(2, 4000)].slice(1), [10_000, 4000]);
});
