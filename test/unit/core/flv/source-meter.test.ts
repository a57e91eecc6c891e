import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSourceMeter } from '../../../../src/core/flv/source-meter.js';
import { parseVideoTag } from '../../../../src/core/flv/video-tag.js';

/** An AVC tag (FLV 10.1 E.4.3) of so many bytes. */
function tag(packetType: 0 | 1, isKeyframe: boolean, compositionTimeMs: number, sizeBytes: number): Uint8Array {
  const body = new Uint8Array(sizeBytes);
  const shown = new DataView(new ArrayBuffer(4));
  shown.setInt32(0, compositionTimeMs);
  body.set([isKeyframe ? 0x17 : 0x27, packetType, shown.getUint8(1), shown.getUint8(2), shown.getUint8(3)]);
  return body;
}
const frame = (isKeyframe: boolean, compositionTimeMs = 0, sizeBytes = 10): Uint8Array =>
  tag(1, isKeyframe, compositionTimeMs, sizeBytes);

test('rates are of the last whole second, and 0 before there is one or when nothing came for three', () => {
  const meter = createSourceMeter(parseVideoTag);
  for (let n = 0; n <= 25; n += 1) {
    meter.saw('video', n * 40, frame(n === 0, 0, 1000), n * 40);
    meter.saw('audio', n * 40 + 3, new Uint8Array(200), n * 40);
    if (n === 24) assert.deepEqual([meter.metrics(960).video.rateBps, meter.metrics(960).video.fps], [0, 0]);
  }
  const { video, audio } = meter.metrics(1000);
  assert.deepEqual([video.rateBps, video.fps, video.stampMs], [200_000, 25, 1000]);
  assert.deepEqual(audio, { rateBps: 40_000, stampMs: 1003 });
  assert.equal(meter.metrics(3999).video.fps, 25);
  const later = meter.metrics(4000);
  assert.deepEqual([later.video.rateBps, later.video.fps, later.audio.rateBps, later.video.stampMs], [0, 0, 0, 1000]);
});

test('frames are counted by their kind: one that is shown before an earlier one is a B-frame', () => {
  const meter = createSourceMeter(parseVideoTag);
  // I0 P3 B1 B2 P6 B4 B5, in the order of decoding, 40 ms each.
  for (const gop of [0, 1, 2]) {
    for (const [n, shown] of [0, 3, 1, 2, 6, 4, 5].entries()) {
      const atMs = (gop * 7 + n) * 40;
      meter.saw('video', atMs, frame(n === 0, (gop * 7 + shown) * 40 - atMs), atMs);
    }
  }
  const { keyframes, pFrames, bFrames, gopFrames } = meter.metrics(0).video;
  assert.deepEqual([keyframes, pFrames, bFrames, gopFrames], [3, 6, 12, 7]);
});

test('keyframes are as far apart as their timestamps say, however fast they come, and at least as the newest is old', () => {
  const meter = createSourceMeter(parseVideoTag);
  const intervalMs = (): number => meter.metrics(0).video.keyframeIntervalMs;
  assert.equal(intervalMs(), 0);
  // All of a GOP cache in one moment.
  for (let n = 0; n < 120; n += 1) meter.saw('video', n * 40, frame(n % 50 === 0), 0);
  assert.equal(intervalMs(), 2000);
  for (let n = 120; n <= 225; n += 1) meter.saw('video', n * 40, frame(false), n * 40);
  assert.equal(intervalMs(), 5000);
  meter.saw('video', 0, frame(true), 9000);
  assert.equal(intervalMs(), 0, 'a source that begins anew');
});

test('configuration is counted in the rate and is no frame', () => {
  const meter = createSourceMeter(parseVideoTag);
  meter.saw('video', 0, tag(0, true, 0, 500), 0);
  meter.saw('video', 1000, frame(true), 1000);
  const { rateBps, fps, keyframes, gopFrames } = meter.metrics(1000).video;
  assert.deepEqual([rateBps, fps, keyframes, gopFrames], [4000, 0, 1, 0]);
});

test('what cannot be parsed is counted in the rate and is no frame', () => {
  const meter = createSourceMeter(parseVideoTag);
  meter.saw('video', 0, Uint8Array.of(0x17, 1), 0);
  meter.saw('video', 1000, Uint8Array.of(0x27, 1), 1000);
  const { rateBps, keyframes, pFrames } = meter.metrics(1000).video;
  assert.deepEqual([rateBps, keyframes, pFrames], [16, 0, 0]);
});
