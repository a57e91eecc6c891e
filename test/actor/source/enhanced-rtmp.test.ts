import assert from 'node:assert/strict';
import { test } from 'node:test';
import { h265 } from '../../../src/core/access-unit/h265.js';
import { NalFraming } from '../../../src/core/access-unit/nal-framing.js';
import { parseAv1Config, parseAv1Sequence } from '../../../src/core/codec/av1-config.js';
import { obuTypes, splitObus } from '../../../src/core/codec/av1-obu.js';
import { parseH265Config } from '../../../src/core/codec/h265-config.js';
import { h265NalType, isIrap } from '../../../src/core/codec/h265-nal.js';
import { parseH265Sps } from '../../../src/core/codec/h265-sps.js';
import { parseVp9Header } from '../../../src/core/codec/vp9-header.js';
import { makeVideo } from '../../support/media/coded-video.js';

const size = { width: 318, height: 178 };

test('HEVC of x265 by FFmpeg’s muxer: every frame is read, at its time, and keyframes are IRAP', async () => {
  const { config, frames } = await makeVideo({ codec: 'HEVC', ...size, bFrames: 3 });
  const { sps, nalLengthSize } = parseH265Config(config.data);
  const parsed = parseH265Sps(sps[0] ?? new Uint8Array());
  assert.deepEqual({ width: parsed.width, height: parsed.height }, size);
  assert.ok(parsed.maxNumReorderPics > 0);
  assert.equal(frames.length, 60);
  const times = frames.map(({ pts90k }) => pts90k).sort((a, b) => a - b);
  const first = times[0] ?? 0;
  // FLV rounds to whole milliseconds.
  for (const [n, time] of times.entries()) {
    assert.ok(Math.abs(time - first - n * 3000) <= 90, `frame ${n} at ${time}`);
  }
  assert.ok(
    frames.some(({ pts90k }, n) => pts90k < (frames[n - 1]?.pts90k ?? 0)),
    'in decoding order',
  );
  for (const { data, isKeyframe } of frames) {
    assert.equal(new NalFraming(nalLengthSize, h265.isUnit).read(data).nals.map(h265NalType).some(isIrap), isKeyframe);
  }
  assert.equal(frames.filter(({ isKeyframe }) => isKeyframe).length, 2);
});

test('AV1 of SVT-AV1 by FFmpeg’s muxer: keyframes bring the sequence header, which has the size', async () => {
  const { config, frames } = await makeVideo({ codec: 'AV1', ...size });
  const { sequenceHeader } = parseAv1Config(config.data);
  assert.equal(frames.length, 60);
  for (const { data, isKeyframe } of frames) {
    const obus = splitObus(data);
    const found = obus.find(({ type }) => type === obuTypes.sequenceHeader);
    assert.equal(found !== undefined, isKeyframe);
    assert.ok(obus.some(({ type }) => type === obuTypes.frame || type === obuTypes.frameHeader));
    for (const header of found === undefined ? [] : [found.payload, (sequenceHeader ?? new Uint8Array()).subarray(1)]) {
      const { width, height } = parseAv1Sequence(header);
      assert.deepEqual({ width, height }, size);
    }
  }
});

test('VP9 of libvpx by FFmpeg’s muxer: its frames say what the tags say', async () => {
  const { frames } = await makeVideo({ codec: 'VP9', ...size });
  assert.equal(frames.length, 60);
  for (const { data, isKeyframe } of frames) {
    assert.deepEqual(parseVp9Header(data), { profile: 0, isKeyframe, size: isKeyframe ? size : null });
  }
});
