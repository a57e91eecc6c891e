/** The server on a machine for which npm has no binary of FFmpeg: what needs none goes on, and what is lost is said. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { depacketise } from '../support/rtp/h264-depacketiser.js';
import { copyWithoutFfmpeg } from '../support/server/bare-copy.js';
import { findAll, pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { startNginx } from '../support/source/nginx.js';
import { startNodeMediaServer } from '../support/source/node-media-server.js';
import { publish, publishEnhanced } from '../support/source/publisher.js';
import type { RtmpServer } from '../support/source/rtmp-server.js';
import { until } from '../support/until.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';

/** In words, and for which machine. */
const saysWhy = /^The FFmpeg binding \(node-av\) does not load on this machine: \w+-\w+: \w/;
const bare = copyWithoutFfmpeg();
let nginx: RtmpServer;
let enhanced: RtmpServer;
let sluice: RunningSluice;

before(async () => {
  const flags = ['--demo.enabled=true', '--demo.port=0'];
  [nginx, enhanced, sluice] = await Promise.all([
    startNginx(),
    startNodeMediaServer(),
    startSluice(flags, bare.folder),
  ]);
});
after(async () => {
  await Promise.all([nginx.stop(), enhanced.stop()]);
  const code = await sluice.stop();
  bare.remove();
  assert.equal(code, 0, 'the server ends as it should');
  const ended = sluice.log().filter(({ event }) => event === 'actor.ended');
  assert.deepEqual(
    ended.filter(({ exitCode }) => exitCode !== 0),
    [],
    'no thread of a stream broke',
  );
});

const join = (name: string) => joinWhep(`${sluice.rest}/whep/${name}`);

async function started(uri: string, name: string): Promise<void> {
  assert.equal((await pull(sluice, uri, name)).status, 200);
  await whenStatus(sluice, name, 'PROCESSED_REMOTE');
}

test('the demo says why it cannot run, and is not started again', async () => {
  const { reason, detail } = await sluice.logged('demo.failed');
  assert.equal(reason, 'media.unavailable');
  assert.match(String(detail), /^\w+-\w+: \w/);
  await sluice.logged('demo.unavailable');
  assert.equal(sluice.log().filter(({ event }) => event === 'demo.failed').length, 1);
  assert.deepEqual(await findAll(sluice), []);
});

test('H.264 and Opus of a source reach a viewer untouched', async (t) => {
  const publisher = await publishEnhanced(enhanced.url('plain'), { video: 'libx264', audio: 'libopus' });
  t.after(() => publisher.stop());
  await started(enhanced.url('plain'), 'plain');
  const viewer = await join('plain');
  t.after(() => viewer.close());
  const packets = await viewer.whenVideo(60);
  const end = packets.findLastIndex(({ marker }) => marker) + 1;
  const types = depacketise(packets.slice(0, end).map(({ payload }) => payload)).map((nal) => (nal[0] ?? 0) & 31);
  assert.ok(types.includes(5) && types.includes(1), `NAL units of the types ${[...new Set(types)]}`);
  await until('half a second of audio', () => viewer.audio().length > 25);
  const { videoPath, audioPath, renditions } = await statsOf(sluice, 'plain');
  assert.deepEqual([videoPath.kind, audioPath.kind, renditions.length], ['pass', 'pass', 0]);
});

test('of a stream with AAC the video plays, and REST and log say why there is no audio', async (t) => {
  const publisher = await publish(nginx.url('aac'), { size: '320x180', bitrateKbps: 300, gopFrames: 30 });
  t.after(() => publisher.stop());
  await started(nginx.url('aac'), 'aac');
  const viewer = await join('aac');
  t.after(() => viewer.close());
  await viewer.whenVideo(60);
  const { audioPath } = await statsOf(sluice, 'aac');
  assert.equal(audioPath.kind, 'unavailable');
  assert.match(audioPath.reason, saysWhy);
  const line = await sluice.logged('audio.unavailable', 15_000, ({ name }) => name === 'aac');
  assert.deepEqual([line.level, line.code], ['error', 'media.unavailable']);
  assert.match(String(line.detail), saysWhy);
  assert.equal(viewer.audio().length, 0);
});

test('of a stream with B-frames REST and log say why there is no video, and no thread is tried over and over', async (t) => {
  const publisher = await publish(nginx.url('b'), { size: '320x180', bitrateKbps: 300, gopFrames: 30, bFrames: 2 });
  t.after(() => publisher.stop());
  await started(nginx.url('b'), 'b');
  const viewer = await join('b');
  t.after(() => viewer.close());
  const line = await sluice.logged('rendition.unavailable', 15_000, ({ name }) => name === 'b');
  assert.deepEqual([line.level, line.code], ['error', 'media.unavailable']);
  assert.match(String(line.detail), saysWhy);
  const { videoPath, renditions, videoFrames } = await statsOf(sluice, 'b');
  assert.equal(videoPath.kind, 'reencode');
  assert.match(renditions[0]?.failure ?? '', saysWhy);
  await until(
    'two seconds more of the source',
    async () => (await statsOf(sluice, 'b')).videoFrames > videoFrames + 60,
  );
  const ended = sluice.log().filter(({ event }) => event === 'rendition.ended');
  assert.deepEqual(
    ended.map(({ exitCode }) => exitCode),
    [0],
  );
  assert.equal(viewer.video().length, 0);
});

test('a snapshot is refused by the error for it, and another one is too', async (t) => {
  const publisher = await publish(nginx.url('still'), { size: '320x180', bitrateKbps: 300, gopFrames: 30 });
  t.after(() => publisher.stop());
  await started(nginx.url('still'), 'still');
  for (let n = 0; n < 2; n += 1) {
    const answer = await sluice.post('/rest-api/stream/snapshot', { streamName: 'still' });
    assert.equal(answer.status, 501);
    const body: { readonly code: string; readonly message: string } = JSON.parse(await answer.text());
    assert.equal(body.code, 'media.unavailable');
    assert.match(body.message, saysWhy);
  }
});
