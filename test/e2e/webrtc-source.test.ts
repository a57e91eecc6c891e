/**
 * One Sluice pulls from another by WebRTC: by WHEP over a path that loses 2 % of all media, judged by stamps and reports alone;
 * and by the signalling of WCS, seen and heard in Chromium, over a restart of the far end.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Stage, setStage } from '../support/browser/stage.js';
import { assertTone, watch } from '../support/browser/viewer.js';
import { openLossyRelay } from '../support/network/lossy-relay.js';
import { openWhepFront } from '../support/network/whep-front.js';
import { freePort } from '../support/server/free-port.js';
import { findAll, pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { beepsBehind, median } from '../support/source/flash-and-beep.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';
import { watchFlashes } from '../support/viewer/lip-sync-viewer.js';
import { assertNoGap } from '../support/viewer/stream-viewer.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';

const fps = 30;
const toneHz = 440;
const watchedSeconds = 5;
const limitMs = 40;
/** 2 % of all media, the packets sent again included. */
const nth = 50;
/** The near end. */
let stage: Stage;
/** It starts again. */
let far: RunningSluice;
let startFar: () => Promise<RunningSluice>;

before(async () => {
  const [restPort, wsPort] = [await freePort(), await freePort()];
  startFar = () => startSluice([`--server.restPort=${restPort}`, `--server.wsPort=${wsPort}`]);
  [stage, far] = await Promise.all([setStage(), startFar()]);
  stage.onEnd(() => far.stop());
});
after(() => stage.end());

/** Each has a far end of its own. */
describe('a source by WebRTC', { concurrency: true }, () => {
  test(`by WHEP, with 2 % loss: no frame is missing, and beeps lie within ${limitMs} ms of their flashes`, async (t) => {
    const { nginx, sluice } = stage;
    const far = await startSluice();
    t.after(() => far.stop());
    const publisher = await publish(nginx.url('flashes'), {
      size: '320x180',
      gopFrames: fps,
      bitrateKbps: 1000,
      hasFlashes: true,
    });
    t.after(() => publisher.stop());
    await pull(far, nginx.url('flashes'), 'flashes');
    await whenStatus(far, 'flashes', 'PROCESSED_REMOTE');
    const front = await openWhepFront(far.rest, (port) => openLossyRelay('127.0.0.1', port, nth));
    t.after(() => front.close());
    assert.equal((await pull(sluice, `${front.origin}/whep/flashes`, 'near')).status, 200);
    await whenStatus(sluice, 'near', 'PROCESSED_REMOTE');
    const viewer = await joinWhep(`${sluice.rest}/whep/near`);
    t.after(() => viewer.close());
    const behind = beepsBehind(await watchFlashes(viewer, watchedSeconds));
    t.diagnostic(`median ${median(behind).toFixed(2)} ms of ${behind.length} beeps`);
    assert.ok(behind.length >= watchedSeconds, `${behind.length} beeps`);
    assert.ok(Math.abs(median(behind)) <= limitMs, `${median(behind)} ms behind`);

    const stats = await statsOf(sluice, 'near');
    assert.deepEqual([stats.videoPath.kind, stats.audioPath.kind], ['pass', 'pass']);
    assert.equal(stats.skippedMessages, 0, 'every packet was repaired');
    const sent = (await statsOf(far, 'flashes')).viewers[0];
    assert.ok((sent?.packetsResent ?? 0) >= 5, `only ${sent?.packetsResent} packets were sent again`);
    assertNoGap(viewer.video());
    const times = [...new Set(viewer.video().map(({ timestamp }) => timestamp))];
    const steps = times.slice(1).map((time, n) => ((time - (times[n] ?? 0)) >>> 0) / 90);
    const late = steps.filter((ms) => ms > 1.5 * (1000 / fps));
    assert.deepEqual(late, [], 'each picture is one step behind the one before');
  });

  test('by WCS signalling: picture and sound in Chromium, over a restart of the far end; find_all and terminate tell it', async (t) => {
    const { nginx, sluice, pages } = stage;
    const publisher = await publish(nginx.url('cam'), { toneHz, fps, gopFrames: fps });
    t.after(() => publisher.stop());
    await pull(far, nginx.url('cam'), 'cam');
    await whenStatus(far, 'cam', 'PROCESSED_REMOTE');
    const wanted = { uri: far.signalling, localStreamName: 'local', remoteStreamName: 'cam' };
    assert.equal((await sluice.post('/rest-api/pull/pull', wanted)).status, 200);
    assert.equal((await sluice.post('/rest-api/pull/pull', wanted)).status, 409);
    const { localMediaSessionId, remoteMediaSessionId, ...listed } = await whenStatus(
      sluice,
      'local',
      'PROCESSED_REMOTE',
    );
    assert.notEqual(localMediaSessionId, remoteMediaSessionId);
    assert.match(remoteMediaSessionId ?? '', /^[0-9a-f-]{36}$/);
    const { localStreamName, remoteStreamName, uri } = listed;
    assert.deepEqual({ localStreamName, remoteStreamName, uri }, wanted);
    const [played] = await playedAt(far);
    assert.equal(played, remoteMediaSessionId);

    const viewer = await watch(await stage.tab(), pages.origin, `${sluice.rest}/whep/local`);
    await until('a second of video', async () => (await viewer.stats()).framesDecoded > fps);
    await assertTone(t, viewer, toneHz);

    await far.stop();
    await whenStatus(sluice, 'local', 'PENDING');
    far = await startFar();
    await pull(far, nginx.url('cam'), 'cam');
    await whenStatus(sluice, 'local', 'PROCESSED_REMOTE');
    const { framesDecoded } = await viewer.stats();
    await until('frames again', async () => (await viewer.stats()).framesDecoded > framesDecoded + 10);
    assert.deepEqual(
      (await viewer.states()).filter((state) => /failed|closed/.test(state)),
      [],
    );

    const { uri: ofServer, ...names } = wanted;
    assert.equal((await sluice.post('/rest-api/pull/terminate', { ...names, remoteStreamName: 'other' })).status, 404);
    assert.equal((await sluice.post('/rest-api/pull/terminate', { uri: ofServer })).status, 200);
    assert.deepEqual(
      (await findAll(sluice)).filter((one) => one.localStreamName === 'local' && one.status !== 'STOPPED'),
      [],
    );
    await until('the far end is told', async () => (await playedAt(far)).length === 0);
  });
});

/** The media session ids of those who play `cam` there. */
async function playedAt(sluice: RunningSluice): Promise<readonly string[]> {
  const response = await sluice.post('/rest-api/stream/find', { status: 'PLAYING', name: 'cam' });
  if (response.status === 404) return [];
  const found: readonly { readonly mediaSessionId: string }[] = JSON.parse(await response.text());
  return found.map(({ mediaSessionId }) => mediaSessionId);
}
