/** Stills of what is shown only some frames behind its start, and of every pixel format. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { loadNativeAv } from '../../../actors/media/native.js';
import { decodes, encodeStill, type Keyframe } from '../../../actors/media/still.js';
import { createVideoPath } from '../../../actors/stream/video-path.js';
import { settingsSchema } from '../../../src/config/schema.js';
import { parseVideoTag } from '../../../src/core/flv/video-tag.js';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { makeVideoTags, noGuard } from '../../support/media/coded-video.js';
import { readNumber } from '../../support/media/numbered-frame.js';
import { encodeFlv, type FlvTag } from '../../support/source/flv-file.js';

const [width, height] = [320, 180];
const { media } = settingsSchema.parse({});
const nothing = (): void => {};

/** Of which a still is made when these tags have come. */
function keyframeOf(tags: readonly FlvTag[]): Promise<Keyframe> {
  const path = createVideoPath({
    history: createRtpHistory({ maxBytes: media.gopCacheBytes, maxPackets: 8192 }),
    settings: media,
    rtpTime: (mediaMs) => Math.round(mediaMs * 90) >>> 0,
    openThread: () => new Promise(nothing),
    decodes: async () => true,
    log: nothing,
    onInfo: nothing,
    onUnit: nothing,
    onAccessUnit: nothing,
    onChange: nothing,
    onUsed: nothing,
    onUnusable: nothing,
  });
  for (const { timestampMs, body } of tags) path.receive(parseVideoTag(body), () => timestampMs);
  path.close();
  return path.keyframe();
}

/** The luma of a PNG, by ffmpeg. */
function lumaOf(png: Uint8Array): Buffer {
  const asked = ['-v', 'error', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'];
  return spawnSync('ffmpeg', asked, { input: png, maxBuffer: 1 << 24 }).stdout;
}

test('of a gradual refresh the picture is shown that is whole where the newest one begins', async () => {
  const av = await loadNativeAv(noGuard);
  const options = { 'x264-params': 'intra-refresh=1' };
  const tags = await makeVideoTags({ codec: 'H264', width, height, frames: 90, gop: 20, options });
  const frames = tags.filter(({ body }) => parseVideoTag(body).kind === 'frame');
  const keyframe = await keyframeOf([...tags.slice(0, 1), ...frames.slice(10)]);
  assert.ok(keyframe.frames.length > 10 && keyframe.frames.length <= 41, `${keyframe.frames.length} frames`);
  const luma = lumaOf(encodeStill(av, noGuard, keyframe, { format: 'png', width: null }));
  const number = readNumber({ data: luma, stride: width }, width, height);
  assert.ok(number >= 60 && number < 90, `frame ${number}`);
  assert.equal(decodes(av, noGuard, keyframe), true);
});

for (const format of ['gray', 'yuv422p', 'yuv422p10le', 'yuv444p', 'yuv444p10le', 'yuv420p10le', 'yuvj420p']) {
  test(`a still of ${format}`, async () => {
    const av = await loadNativeAv(noGuard);
    const source = ['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=25`, '-t', '0.4', '-pix_fmt', format];
    const tags = encodeFlv([...source, '-c:v', 'libx264', '-preset', 'ultrafast']).filter(
      ({ track }) => track === 'video',
    );
    const jpeg = encodeStill(av, noGuard, await keyframeOf(tags), { format: 'jpeg', width: 160 });
    assert.ok(jpeg.length > 1000, `${jpeg.length} bytes`);
  });
}

test('of what is no picture nothing decodes', async () => {
  const av = await loadNativeAv(noGuard);
  const keyframe = await keyframeOf(await makeVideoTags({ codec: 'VP9', width, height, frames: 10, gop: 10 }));
  assert.equal(decodes(av, noGuard, keyframe), true);
  const broken = keyframe.frames.map((data) => data.map((byte, at) => (at < 12 ? byte : 0xaa)));
  assert.equal(decodes(av, noGuard, { config: keyframe.config, frames: broken }), false);
});
