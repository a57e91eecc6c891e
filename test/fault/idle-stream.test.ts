/** A stream that nobody watches does next to nothing; whoever comes then finds it as if it had been watched all the time. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { after, before, test } from 'node:test';
import { type Origin, openOrigin } from '../../actors/demo/origin.js';
import { depacketise } from '../support/rtp/h264-depacketiser.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { originConfiguration, originFrames } from '../support/source/origin.js';
import { until } from '../support/until.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';

const frameMs = 20;

let origin: Origin;
let sluice: RunningSluice;
let timer: NodeJS.Timeout;
let frames = 0;
let isStarting = true;
/** No other keyframe comes: who waits for the next one waits in vain. */
let isKeyNext = false;

before(async () => {
  [origin, sluice] = await Promise.all([openOrigin(0, originConfiguration, () => {}), startSluice()]);
  timer = setInterval(() => {
    const isKeyframe = isKeyNext || (isStarting && frames % 10 === 0);
    isKeyNext = false;
    const body = isKeyframe ? originFrames.key : originFrames.inter;
    origin.frame({ track: 'video', isKeyframe, timestampMs: frames * frameMs, body });
    frames += 1;
  }, frameMs);
  const uri = `rtmp://127.0.0.1:${origin.port}/live/idle`;
  assert.equal((await pull(sluice, uri, 'idle')).status, 200);
  await whenStatus(sluice, 'idle', 'PROCESSED_REMOTE');
  isStarting = false;
});
after(async () => {
  clearInterval(timer);
  await Promise.all([origin.close(), sluice.stop()]);
});

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}

/** Waits until the stream has counted so many frames more than now. */
async function countFrames(more: number): Promise<void> {
  const { videoFrames } = await statsOf(sluice, 'idle');
  await until('frames are counted', async () => (await statsOf(sluice, 'idle')).videoFrames >= videoFrames + more);
}

test('frames are counted, kept as they came, and not packed', async () => {
  // The first pictures are packed: until they have come the stream is not known well enough to rest.
  await countFrames(5);
  const { videoKeyframes } = await statsOf(sluice, 'idle');
  isKeyNext = true;
  await until('a keyframe', async () => (await statsOf(sluice, 'idle')).videoKeyframes > videoKeyframes);
  await countFrames(5);
  const { gopPackets, cacheBytes, videoPath } = await statsOf(sluice, 'idle');
  assert.equal(gopPackets, 0);
  assert.ok(cacheBytes > originFrames.key.length, `${cacheBytes} bytes are kept`);
  assert.deepEqual([videoPath.kind, videoPath.reason], ['pass', 'Baseline profile has no B-frames']);
});

for (const viewing of ['first', 'second'] as const) {
  test(`the ${viewing} viewer, a while after nobody watched, gets the GOP from its keyframe on, without a gap`, async () => {
    await countFrames(10);
    const viewer = await joinWhep(`${sluice.rest}/whep/idle`);
    const packets = await viewer.whenVideo(60);
    const sequence = packets.map(({ sequence }) => sequence);
    assert.ok(sequence.every((number, n) => n === 0 || number === (((sequence[n - 1] ?? 0) + 1) & 0xffff)));
    const end = packets.findIndex(({ marker }) => marker) + 1;
    const types = depacketise(packets.slice(0, end).map(({ payload }) => payload)).map((nal) => (nal[0] ?? 0) & 31);
    assert.ok(types.includes(5) && types.includes(7), `NAL units of the types ${types}`);
    const times = [...new Set(packets.slice(end).map(({ timestamp }) => timestamp))];
    assert.ok(
      times.every((time, n) => n === 0 || (time - (times[n - 1] ?? 0)) >>> 0 === frameMs * 90),
      `RTP times ${times.slice(0, 8)}`,
    );
    await viewer.leave();
    assert.deepEqual((await statsOf(sluice, 'idle')).viewers, []);
  });
}

test('a snapshot shows the newest keyframe', async () => {
  await countFrames(5);
  const response = await sluice.post('/rest-api/stream/snapshot', { streamName: 'idle' });
  assert.equal(response.status, 200, await response.clone().text());
});

test('an audio and a video configuration that come again are no news', async () => {
  origin.frame({ track: 'video', isKeyframe: false, timestampMs: frames * frameMs, body: originConfiguration.video });
  await countFrames(5);
  const viewer = await joinWhep(`${sluice.rest}/whep/idle`);
  await viewer.whenVideo(60);
  await viewer.leave();
});

test('a while after the last viewer its port is free, and the next one finds another', async () => {
  const viewer = await joinWhep(`${sluice.rest}/whep/idle`);
  await viewer.leave();
  await until('the port is free', () => isFree(viewer.port));
  const next = await joinWhep(`${sluice.rest}/whep/idle`);
  await next.whenVideo(60);
  await next.leave();
});
