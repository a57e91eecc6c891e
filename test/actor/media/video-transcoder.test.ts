import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadNativeAv } from '../../../actors/media/native.js';
import type { RenditionWish } from '../../../actors/media/rendition-output.js';
import { createVideoTranscoder, type TranscodedFrame } from '../../../actors/media/video-transcoder.js';
import { parseSps } from '../../../src/core/codec/h264-sps.js';
import { encodeFlv } from '../../support/source/flv-file.js';

const guard = { enter: () => {}, leave: () => {} };
const wish: RenditionWish = {
  codec: 'H264',
  width: null,
  height: null,
  bitrateKbps: 1000,
  fps: 30,
  preset: 'ultrafast',
  threads: 1,
  maxNalBytes: null,
  maxPixels: 9_437_184,
};

/** FLV's video tags: 5 bytes of header, the configuration first, composition times as signed 24 bits. */
function source(extra: readonly string[], count = 90) {
  const input = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30', '-frames:v', String(count)];
  const tags = encodeFlv([...input, '-c:v', 'libx264', '-g', '30', '-pix_fmt', 'yuv420p', ...extra]);
  const video = tags.filter(({ track }) => track === 'video');
  const [first, ...rest] = video;
  assert.ok(first !== undefined);
  const frames = rest
    .filter(({ body }) => body[1] === 1)
    .map(({ timestampMs, body }) => ({
      data: body.subarray(5),
      isKeyframe: (body[0] ?? 0) >> 4 === 1,
      pts90k: (timestampMs + Buffer.from(body).readIntBE(2, 3)) * 90,
    }));
  return { config: { codec: 'H264', extraData: first.body.subarray(5) } as const, frames };
}

async function transcode(extra: readonly string[], wished: Partial<RenditionWish> = {}): Promise<TranscodedFrame[]> {
  const { config, frames } = source(extra);
  const transcoder = createVideoTranscoder(await loadNativeAv(guard), guard, config, { ...wish, ...wished });
  const out = frames.flatMap((frame) => transcoder.push(frame));
  transcoder.close();
  return out;
}

const nalsOf = (frame: TranscodedFrame): readonly Uint8Array[] => (frame.codec === 'H264' ? frame.nals : []);
const types = (frame: TranscodedFrame): number[] => nalsOf(frame).map((nal) => (nal[0] ?? 0) & 31);

/** slice_type, the second ue(v) of a slice header (ITU-T H.264 7.3.3): B is 1 and 6. */
function isB(nal: Uint8Array): boolean {
  const bits = [...nal.subarray(1, 9)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  let at = 0;
  const ue = (): number => {
    const zeros = bits.indexOf('1', at) - at;
    const value = Number.parseInt(bits.slice(at + zeros, at + 2 * zeros + 1), 2) - 1;
    at += 2 * zeros + 1;
    return value;
  };
  ue();
  return ue() % 5 === 1;
}

test('a stream with B-frames comes out without any, every frame once and in order, at its own time', async () => {
  const extra = ['-bf', '3', '-b_strategy', '0', '-x264-params', 'b-pyramid=normal'];
  const { frames } = source(extra);
  const out = await transcode(extra);
  assert.ok(out.length >= frames.length - 5, `${out.length} of ${frames.length}`);
  const times = frames.map(({ pts90k }) => pts90k).sort((a, b) => a - b);
  assert.deepEqual(
    out.map(({ pts90k }) => pts90k),
    times.slice(0, out.length),
  );
  const slices = out.flatMap(nalsOf).filter((nal) => [1, 5].includes((nal[0] ?? 0) & 31));
  assert.ok(slices.length >= out.length);
  assert.equal(slices.filter(isB).length, 0);
});

test('keyframes stay where the source has them, and carry SPS and PPS', async () => {
  const out = await transcode(['-bf', '2']);
  const keys = out.filter(({ isKeyframe }) => isKeyframe);
  assert.equal(keys.length, 3);
  for (const key of keys)
    assert.deepEqual(
      types(key)
        .filter((type) => [5, 7, 8].includes(type))
        .slice(0, 3),
      [7, 8, 5],
    );
});

test('a wish for a width is met, the height follows the shape', async () => {
  const { config, frames } = source(['-bf', '0']);
  const av = await loadNativeAv(guard);
  const transcoder = createVideoTranscoder(av, guard, config, { ...wish, width: 160 });
  const [key] = frames.flatMap((frame) => transcoder.push(frame));
  const sps = (key === undefined ? [] : nalsOf(key)).find((nal) => ((nal[0] ?? 0) & 31) === 7);
  assert.ok(sps !== undefined);
  const { width, height } = parseSps(sps);
  assert.deepEqual({ width, height }, { width: 160, height: 90 });
  transcoder.close();
});

test('frames that are not to be shown are decoded only, and the first shown one is a keyframe', async () => {
  const { config, frames } = source(['-bf', '0']);
  const transcoder = createVideoTranscoder(await loadNativeAv(guard), guard, config, wish);
  const out = frames.flatMap((frame, n) => transcoder.push({ ...frame, isShown: n >= 20 }));
  assert.equal(out[0]?.pts90k, frames[20]?.pts90k);
  assert.equal(out[0]?.isKeyframe, true);
  assert.equal(out.length, frames.length - 20 - 0);
  transcoder.close();
});

test('damaged access units are counted and never stop the transcoder', async () => {
  const { config, frames } = source(['-bf', '2']);
  const transcoder = createVideoTranscoder(await loadNativeAv(guard), guard, config, wish);
  let out = 0;
  frames.forEach((frame, n) => {
    const data = Uint8Array.from(frame.data);
    if (n % 3 === 1) for (let at = 4; at < data.length; at += 97) data[at] = (data[at] ?? 0) ^ 0xff;
    if (n % 7 === 2) data.fill(0xff, 0, 4);
    out += transcoder.push({ ...frame, data }).length;
  });
  assert.ok(out > frames.length / 2);
  assert.ok(transcoder.decodeErrors > 0);
  transcoder.close();
});

test('for packetization mode 0 no NAL unit is longer than a packet, and all is there', async () => {
  const maxNalBytes = 600;
  const frames = await transcode([], { maxNalBytes, bitrateKbps: 3000, threads: 2 });
  assert.ok(frames.length >= 88, `${frames.length} frames`);
  // Its own SEI, which is not sent, may be longer.
  const slices = frames.flatMap(nalsOf).filter(([first = 0]) => (first & 31) === 1 || (first & 31) === 5);
  const lengths = slices.map(({ length }) => length);
  assert.ok(Math.max(...lengths) <= maxNalBytes, `${Math.max(...lengths)}`);
  assert.ok(frames.some((frame) => nalsOf(frame).length > 3));
});

test('what its pictures take is counted, until it is closed', async () => {
  const { config, frames } = source(['-bf', '0'], 3);
  const transcoder = createVideoTranscoder(await loadNativeAv(guard), guard, config, { ...wish, width: 160 });
  assert.equal(transcoder.heldBytes, 0, 'nothing is decoded yet');
  for (const frame of frames) transcoder.push(frame);
  const [decodedBytes, encodedBytes] = [320 * 180 * 1.5, 160 * 90 * 1.5];
  // The lines of a decoded picture may be longer than it is wide.
  assert.ok(transcoder.heldBytes >= 17 * decodedBytes + 8 * encodedBytes, `${transcoder.heldBytes}`);
  assert.ok(transcoder.heldBytes < 3 * (17 * decodedBytes + 8 * encodedBytes), `${transcoder.heldBytes}`);
  transcoder.close();
  assert.equal(transcoder.heldBytes, 0);
});
