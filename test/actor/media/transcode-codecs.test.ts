import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadNativeAv } from '../../../actors/media/native.js';
import type { RenditionWish } from '../../../actors/media/rendition-output.js';
import { createVideoTranscoder, type TranscodedFrame } from '../../../actors/media/video-transcoder.js';
import type { SourceCodec } from '../../../src/core/codec/video-codecs.js';
import { type MadeVideo, makeVideo, noGuard, type VideoMaking } from '../../support/media/coded-video.js';
import { decodeFrames } from '../../support/media/decoded-video.js';

const wish: RenditionWish = {
  codec: 'H264',
  width: null,
  height: null,
  bitrateKbps: 2000,
  fps: 30,
  preset: 'ultrafast',
  threads: 1,
  maxNalBytes: null,
  maxPixels: 9_437_184,
};

async function open({ config }: MadeVideo, wished: Partial<RenditionWish> = {}) {
  const { codec, data: extraData } = config;
  return createVideoTranscoder(await loadNativeAv(noGuard), noGuard, { codec, extraData }, { ...wish, ...wished });
}

async function transcode(video: MadeVideo, wished: Partial<RenditionWish>): Promise<readonly TranscodedFrame[]> {
  const transcoder = await open(video, wished);
  const out = video.frames.flatMap((frame) => transcoder.push(frame));
  assert.equal(transcoder.decodeErrors, 0);
  transcoder.close();
  return out;
}

/** SVT-AV1 else mixes neighbours into a frame, whose number is then theirs. */
const unfiltered = { preset: '8', 'svtav1-params': 'lp=1:enable-tf=0' };

/** What comes in; of how many frames the decoder holds back at the end. */
const sources: readonly (readonly [string, VideoMaking, number])[] = [
  ['H.264', { codec: 'H264' }, 0],
  ['H.264 with B-frames', { codec: 'H264', bFrames: 3 }, 3],
  ['HEVC', { codec: 'HEVC' }, 0],
  ['HEVC with B-frames', { codec: 'HEVC', bFrames: 3 }, 3],
  ['HEVC of 10 bits', { codec: 'HEVC', isDeep: true }, 0],
  ['AV1 with hidden frames', { codec: 'AV1', options: unfiltered }, 0],
  ['AV1 of 10 bits', { codec: 'AV1', isDeep: true, options: unfiltered }, 0],
  ['VP9', { codec: 'VP9' }, 0],
  ['VP9 with hidden frames', { codec: 'VP9', options: { 'lag-in-frames': '12', 'auto-alt-ref': '1' } }, 0],
  ['VP9 of 10 bits', { codec: 'VP9', isDeep: true, options: { profile: '2' } }, 0],
];

for (const [name, making, held] of sources) {
  test(`${name} comes out as H.264 and as VP8: every frame once, in order, at its time, of its size`, async () => {
    const video = await makeVideo({ width: 318, height: 178, bitrateKbps: 2000, ...making });
    const times = video.frames.map(({ pts90k }) => pts90k).sort((a, b) => a - b);
    const keys = video.frames.flatMap(({ isKeyframe, pts90k }) => (isKeyframe ? [times.indexOf(pts90k)] : []));
    for (const codec of ['H264', 'VP8'] as const) {
      for (const threads of [1, 2]) {
        const out = await transcode(video, { codec, threads });
        assert.ok(out.length >= video.frames.length - held, `${codec}: ${out.length} of ${video.frames.length}`);
        assert.ok(out.every((frame) => frame.codec === codec));
        const decoded = await decodeFrames(out);
        assert.deepEqual(
          decoded.map(({ number, pts90k, width, height }) => ({ number, pts90k, width, height })),
          times.slice(0, out.length).map((pts90k, number) => ({ number, pts90k, width: 318, height: 178 })),
        );
        assert.deepEqual(keysOf(out), keys, 'keyframes where the source has them');
      }
    }
  });
}

const keysOf = (frames: readonly TranscodedFrame[]): readonly number[] =>
  frames.flatMap(({ isKeyframe }, n) => (isKeyframe ? [n] : []));

test('a wish for a size is met in VP8 too', async () => {
  const video = await makeVideo({ codec: 'HEVC', frames: 10 });
  const decoded = await decodeFrames(await transcode(video, { codec: 'VP8', height: 90 }));
  assert.deepEqual(
    decoded.map(({ number }) => number),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  assert.ok(decoded.every(({ width, height }) => width === 160 && height === 90));
});

const bytesOf = (frame: TranscodedFrame): number =>
  frame.codec === 'VP8' ? frame.data.length : frame.nals.reduce((sum, nal) => sum + nal.length, 0);

test('another bitrate of VP8 holds from the next keyframe on, a much lower one at once', async () => {
  const making = { codec: 'H264', frames: 240, gop: 60, width: 640, height: 360, bitrateKbps: 4000 } as const;
  const video = await makeVideo(making);
  const transcoder = await open(video, { codec: 'VP8', bitrateKbps: 1000 });
  const out = video.frames.flatMap((frame, n) => {
    if (n === 70) transcoder.setBitrate(300);
    if (n === 130) transcoder.setBitrate(400);
    return transcoder.push(frame);
  });
  transcoder.close();
  assert.deepEqual(keysOf(out), [0, 60, 70, 120, 180]);
  const kbps = (from: number, to: number): number =>
    (out.slice(from, to).reduce((sum, frame) => sum + bytesOf(frame), 0) * 8 * 30) / (to - from) / 1000;
  assert.ok(kbps(75, 180) < 400, `${kbps(75, 180)}`);
  assert.ok(kbps(0, 70) > kbps(75, 180) * 1.5, `${kbps(0, 70)} and ${kbps(75, 180)}`);
  const decoded = await decodeFrames(out);
  assert.deepEqual(
    decoded.map(({ number }) => number),
    Array.from({ length: 240 }, (_, n) => n),
  );
});

const bySource: Readonly<Record<SourceCodec, 'H264' | 'VP8'>> = { H264: 'VP8', HEVC: 'H264', AV1: 'VP8', VP9: 'H264' };

for (const [codec, into] of Object.entries(bySource) as [SourceCodec, 'H264' | 'VP8'][]) {
  test(`damaged access units of ${codec} never stop the transcoder, which goes on with the next keyframe`, async () => {
    const video = await makeVideo({ codec, frames: 120 });
    const transcoder = await open(video, { codec: into });
    const broken = video.frames.slice(0, 90).map((frame, n) => ({ ...frame, data: damagedAt(frame.data, n) }));
    for (const frame of broken) transcoder.push(frame);
    const out = video.frames.slice(90).flatMap((frame) => transcoder.push(frame));
    transcoder.close();
    const whole = out.filter(({ pts90k }) => pts90k >= (video.frames[90]?.pts90k ?? 0));
    const numbers = (await decodeFrames(whole)).map(({ number }) => number);
    assert.deepEqual(
      numbers,
      Array.from({ length: 30 }, (_, n) => 90 + n),
    );
  });
}

/** Bits turned over, the end cut off, a run of one value, or left as it is. */
function damagedAt(data: Uint8Array, n: number): Uint8Array {
  const own = Uint8Array.from(data);
  switch (n % 4) {
    case 1:
      for (let at = (n * 13) % 31; at < own.length; at += 61) own[at] = (own[at] ?? 0) ^ (1 << (at % 8));
      return own;
    case 2:
      return own.subarray(0, (n * 37) % own.length);
    case 3:
      return own.fill(n, (n * 5) % own.length, ((n * 5) % own.length) + 40);
    default:
      return own;
  }
}
