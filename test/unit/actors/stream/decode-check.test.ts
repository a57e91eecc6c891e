/** Which frames are tried on a decoder, and when (test/README.md, The sweep). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createDecodeCheck } from '../../../../actors/stream/decode-check.js';
import type { PictureFormat } from '../../../../src/core/access-unit/picture.js';
import type { AccessUnit } from '../../../../src/core/codec/access-unit.js';
import { withoutBFrames } from '../../../../src/core/codec/b-frames.js';

const formatOf = (codec: 'H264' | 'HEVC'): PictureFormat => ({
  info:
    codec === 'H264'
      ? { codec, width: 320, height: 180, profileLevelId: '640033' }
      : { codec, width: 320, height: 180, profileIdc: 1 },
  config: { codec, extraData: new Uint8Array() },
  bFrames: withoutBFrames(''),
  reorderFrames: 0,
  setup: [],
});
const [h264, hevc] = [formatOf('H264'), formatOf('HEVC')];

/** Groups of so many frames, each 40 ms after the one before. */
function open(gop: number) {
  const tried: string[] = [];
  let isGood = true;
  let n = 0;
  let units: AccessUnit[] = [];
  const check = createDecodeCheck(async ({ config, frames }) => {
    tried.push(`${config.codec} ${frames.length}`);
    return isGood;
  });
  const send = async (count: number, format = h264): Promise<void> => {
    for (let sent = 0; sent < count; sent += 1) {
      const isKeyframe = n % gop === 0;
      if (isKeyframe) units = [];
      units = [...units, { data: Uint8Array.of(n), isKeyframe, pts90k: n * 3600 }];
      check.see(format, units, n * 40);
      n += 1;
      await turn();
    }
  };
  return { check, send, take: () => tried.splice(0), become: (good: boolean) => (isGood = good) };
}

test('the first ten frames of a format that somebody watches are tried once', async () => {
  const { check, send, take } = open(25);
  await send(50);
  assert.deepEqual(take(), []);
  check.setWatched(true);
  await send(75);
  assert.deepEqual([take(), check.isBad], [['H264 10'], false]);
  await send(75, hevc);
  assert.deepEqual(take(), ['HEVC 10']);
  check.newSession();
  await send(25, hevc);
  assert.deepEqual(take(), ['HEVC 10']);
});

test('of short groups a whole one is tried', async () => {
  for (const gop of [1, 5]) {
    const { check, send, take } = open(gop);
    check.setWatched(true);
    await send(30);
    assert.deepEqual(take(), [`H264 ${gop}`]);
  }
});

test('where no picture came it is tried again every two seconds, and well as soon as one does', async () => {
  const { check, send, take, become } = open(25);
  check.setWatched(true);
  become(false);
  await send(12);
  assert.equal(check.isBad, true);
  await send(200);
  assert.ok(take().length <= 5);
  become(true);
  await send(100);
  assert.equal(check.isBad, false);
  take();
  await send(200);
  assert.deepEqual(take(), []);
});

test('formats that follow each other quickly are not all tried, and what is bad stays so until something is good', async () => {
  const { check, send, take, become } = open(4);
  check.setWatched(true);
  become(false);
  for (let round = 0; round < 20; round += 1) {
    await send(4, h264);
    await send(4, hevc);
  }
  const count = take().length;
  assert.ok(count >= 2 && count <= 5, `${count}`);
  assert.equal(check.isBad, true);
});

test('where nothing can be tried nothing is known', async () => {
  const check = createDecodeCheck(() => Promise.reject(new Error('no FFmpeg')));
  check.setWatched(true);
  const units = Array.from({ length: 10 }, (_, n) => ({ data: Uint8Array.of(n), isKeyframe: n === 0, pts90k: n }));
  check.see(h264, units, 0);
  await turn();
  assert.equal(check.isBad, false);
});
