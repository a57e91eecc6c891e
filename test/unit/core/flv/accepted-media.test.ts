import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MediaFilter } from '../../../../src/core/flv/accepted-media.js';
import type { AudioTag } from '../../../../src/core/flv/audio-tag.js';
import type { VideoTag } from '../../../../src/core/flv/video-tag.js';

const data = Uint8Array.of(1);
const frame = (codec: 'H264' | 'HEVC'): VideoTag => ({
  kind: 'frame',
  codec,
  isKeyframe: true,
  compositionTimeMs: 0,
  data,
});
/** AudioSpecificConfig of AAC-LC, mono (ISO 14496-3 1.6.2.1): index 3 is 48,000 Hz, 10 is 11,025. */
const aac = (rateIndex: number): AudioTag => ({
  kind: 'config',
  codec: 'AAC',
  data: Uint8Array.of(0x10 | (rateIndex >> 1), ((rateIndex & 1) << 7) | 0x08),
});
const aacFrame: AudioTag = { kind: 'frame', codec: 'AAC', data };
const accepted = { video: ['H264'], audio: [{ codec: 'AAC', sampleRateHz: 48_000 }], recordsVideo: true };

test('without a list everything passes', () => {
  const filter = new MediaFilter(null);
  for (const tag of [frame('HEVC'), frame('H264')]) assert.equal(filter.video(tag), tag);
  const config = aac(10);
  assert.equal(filter.audio(config), config);
});

test('a codec that is not listed is unsupported, and named with the reason', () => {
  const filter = new MediaFilter(accepted);
  const listed = frame('H264');
  assert.equal(filter.video(listed), listed);
  const why = 'which rtmp.agentSdpFile leaves out';
  assert.deepEqual(filter.video(frame('HEVC')), { kind: 'unsupported', codec: `HEVC, ${why}` });
  const opus: AudioTag = { kind: 'frame', codec: 'Opus', data };
  assert.deepEqual(filter.audio(opus), { kind: 'unsupported', codec: `Opus, ${why}` });
});

test('frames of AAC go by the rate of the configuration before them', () => {
  const filter = new MediaFilter(accepted);
  const unsupported = { kind: 'unsupported', codec: 'AAC of 11025 Hz, which rtmp.agentSdpFile leaves out' };
  assert.deepEqual(filter.audio(aac(10)), unsupported);
  assert.deepEqual(filter.audio(aacFrame), unsupported);
  const good = aac(3);
  assert.equal(filter.audio(good), good);
  assert.equal(filter.audio(aacFrame), aacFrame);
});

test('a track without any codec listed is ignored, without a word', () => {
  const filter = new MediaFilter({ video: [], audio: [], recordsVideo: false });
  assert.deepEqual([filter.video(frame('H264')), filter.audio(aac(3))], Array(2).fill({ kind: 'ignored' }));
});
