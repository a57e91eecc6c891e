import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Stage, setStage } from '../support/browser/stage.js';
import { assertTone, receptionOf } from '../support/browser/viewer.js';
import { findAll, pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

const toneHz = 440;
let stage: Stage;

before(async () => {
  stage = await setStage({ flags: ['--pulls.viewerAllow=127.0.0.0/8', '--pulls.viewerPorts=', '--pulls.idleMs=1000'] });
  const publisher = await publish(stage.nginx.url('cam'), { toneHz });
  stage.onEnd(() => publisher.stop());
});
after(() => stage.end());

async function connected(): Promise<Page> {
  const page = await stage.tab();
  await page.goto(`${stage.pages.origin}/wcs.html`);
  await page.waitForFunction('window.connect !== undefined');
  await page.evaluate(`connect(${JSON.stringify(stage.sluice.signalling)})`);
  return page;
}

const play = (page: Page, name: string): Promise<{ status: string; info: string }> =>
  page.evaluate(`play(${JSON.stringify(name)})`);

const eventsOf = (page: Page): Promise<readonly string[]> => page.evaluate('events');

async function assertPlays(t: TestContext, page: Page): Promise<void> {
  await page.evaluate('startReception()');
  const before = await receptionOf(page);
  await until('100 frames and 3 s of audio', async () => {
    const now = await receptionOf(page);
    return now.framesDecoded - before.framesDecoded >= 100 && now.audioSamples - before.audioSamples >= 3 * 48_000;
  });
  await assertTone(t, { page }, toneHz);
}

test('through the death of the thread the Web SDK hears of its stream alone, and plays on', async () => {
  const { sluice, nginx } = stage;
  await pull(sluice, `${nginx.url('cam')}?mortal`, 'mortal');
  await whenStatus(sluice, 'mortal', 'PROCESSED_REMOTE');
  const page = await connected();
  assert.equal((await play(page, 'mortal')).status, 'PLAYING');
  await page.evaluate('startReception()');
  await until('frames and audio', async () => {
    const { framesDecoded, audioSsrc } = await receptionOf(page);
    return framesDecoded >= 30 && audioSsrc !== 0;
  });
  const [before, seen] = [await receptionOf(page), (await eventsOf(page)).length];
  await sluice.post('/api/fault', { name: 'mortal', fault: 'throw' });
  await sluice.logged('viewers.handedOver');
  const atDeath = await receptionOf(page);
  const after = await until('frames again', async () => {
    const now = await receptionOf(page);
    return now.framesDecoded >= atDeath.framesDecoded + 60 ? now : undefined;
  });
  assert.deepEqual([after.ssrc, after.audioSsrc], [before.ssrc, before.audioSsrc]);
  const told = (await eventsOf(page)).slice(seen).filter((event) => !/^(quality|event data)/.test(event));
  assert.deepEqual(
    told.map((event) => event.split(' ').slice(0, 2).join(' ')),
    ['stream PLAYBACK_PROBLEM', 'stream PLAYING'],
  );
  await page.evaluate('stop()');
  await until('STOPPED', async () => (await eventsOf(page)).some((event) => event.startsWith('stream STOPPED')));
  await page.evaluate('disconnect()');
  await sluice.post('/rest-api/pull/rtmp/terminate', { uri: `${nginx.url('cam')}?mortal` });
});

/** Each has a pull of its own. */
describe('streams that are pulled', { concurrency: 2 }, () => {
  test('the unmodified Web SDK plays a pulled stream by its name, stops it, and learns when it is terminated', async (t) => {
    const { sluice, nginx } = stage;
    assert.equal((await pull(sluice, nginx.url('cam'), 'named')).status, 200);
    await whenStatus(sluice, 'named', 'PROCESSED_REMOTE');
    const page = await connected();
    assert.equal(await page.evaluate("available('named')"), true);
    assert.equal((await play(page, 'named')).status, 'PLAYING');
    await assertPlays(t, page);
    await page.evaluate('stop()');
    await until('STOPPED', async () => (await eventsOf(page)).some((event) => event.startsWith('stream STOPPED')));

    assert.equal((await play(page, 'named')).status, 'PLAYING');
    await sluice.post('/rest-api/pull/rtmp/terminate', { uri: nginx.url('cam') });
    const isTold = (event: string): boolean => /^stream (STOPPED|FAILED) Stopped by rest/.test(event);
    await until('the viewer is told', async () => (await eventsOf(page)).some(isTold));
  });

  test('a size and a bitrate that the Web SDK asks for are met by a rendition, which viewers of one wish share', async () => {
    const { sluice, nginx } = stage;
    await pull(sluice, `${nginx.url('cam')}?wish`, 'wished');
    await whenStatus(sluice, 'wished', 'PROCESSED_REMOTE');
    const constraints = { audio: true, video: { width: 320, height: 180, bitrate: 300 } };
    const pages = await Promise.all([connected(), connected()]);
    for (const page of pages) {
      const played: { status: string } = await page.evaluate(`play('wished', ${JSON.stringify(constraints)})`);
      assert.equal(played.status, 'PLAYING');
      await page.evaluate('startReception()');
      await until('30 frames of that size', async () => {
        const { framesDecoded, width, height } = await receptionOf(page);
        return framesDecoded >= 30 && width === 320 && height === 180;
      });
    }
    const [rendition, ...others] = (await statsOf(sluice, 'wished')).renditions;
    assert.deepEqual([rendition?.viewers, rendition?.bitrateKbps, others.length], [2, 300, 0]);
    for (const page of pages) await page.evaluate('disconnect()');
    await sluice.post('/rest-api/pull/rtmp/terminate', { uri: `${nginx.url('cam')}?wish` });
  });

  test('/stream/terminate by the mediaSessionId of the Web SDK stops that viewer, and the others play on', async (t) => {
    const { sluice, nginx } = stage;
    await pull(sluice, `${nginx.url('cam')}?one`, 'one');
    await whenStatus(sluice, 'one', 'PROCESSED_REMOTE');
    const [first, second] = [await connected(), await connected()];
    for (const page of [first, second]) assert.equal((await play(page, 'one')).status, 'PLAYING');
    const mediaSessionId = await first.evaluate('streamId()');
    const found = await sluice.post('/rest-api/stream/find', { mediaSessionId, name: 'one', published: false });
    const [stream, ...others] = JSON.parse(await found.text());
    assert.deepEqual(
      [stream?.status, stream?.videoCodec, stream?.audioCodec, others.length],
      ['PLAYING', 'H264', 'opus', 0],
    );
    await until('the metrics of the published stream', async () => {
      const answer = await sluice.post('/rest-api/stream/find', { name: 'one', published: true, display: ['metrics'] });
      const [{ metrics }] = JSON.parse(await answer.text());
      const { VIDEO_FPS, VIDEO_K_FRAMES, VIDEO_GOP_SIZE, VIDEO_RATE, AUDIO_RATE, VIDEO_SYNC, AUDIO_SYNC } = metrics;
      return (
        Math.abs(VIDEO_FPS - 25) <= 5 &&
        VIDEO_K_FRAMES > 1 &&
        VIDEO_GOP_SIZE > 1 &&
        VIDEO_RATE > 10_000 &&
        AUDIO_RATE > 10_000 &&
        Math.abs(VIDEO_SYNC - AUDIO_SYNC) < 1000
      );
    });
    assert.equal((await sluice.post('/rest-api/stream/terminate', { mediaSessionId })).status, 200);
    const isTold = (event: string): boolean => event === 'stream STOPPED Stopped by rest /terminate';
    await until('that viewer is told', async () => (await eventsOf(first)).some(isTold));
    await assertPlays(t, second);
    assert.equal((await sluice.post('/rest-api/stream/terminate', { name: 'one', status: 'PLAYING' })).status, 200);
    await until('the other viewer is told', async () => (await eventsOf(second)).some(isTold));
    await whenStatus(sluice, 'one', 'PROCESSED_REMOTE');
    for (const page of [first, second]) await page.evaluate('disconnect()');
    await sluice.post('/rest-api/pull/rtmp/terminate', { localStreamName: 'one' });
  });

  test('a page is told that the source is lost, and that it is back, and the same play goes on', async () => {
    const { sluice, nginx } = stage;
    const uri = nginx.url('comes-and-goes');
    const first = await publish(uri, { toneHz });
    stage.onEnd(() => first.stop());
    await pull(sluice, uri, 'comes-and-goes');
    await whenStatus(sluice, 'comes-and-goes', 'PROCESSED_REMOTE');
    const page = await connected();
    assert.equal((await play(page, 'comes-and-goes')).status, 'PLAYING');
    await page.evaluate('startReception()');
    await first.stop();
    const isLost = (event: string): boolean => event.startsWith('stream PLAYBACK_PROBLEM');
    await until('PLAYBACK_PROBLEM', async () => (await eventsOf(page)).some(isLost), 10_000);
    const lost = await receptionOf(page);
    const second = await publish(uri, { toneHz });
    stage.onEnd(() => second.stop());
    // Events of the connection's quality may come behind it.
    const lastOfStream = async () => (await eventsOf(page)).findLast((event) => event.startsWith('stream '));
    await until('PLAYING again', async () => (await lastOfStream())?.startsWith('stream PLAYING') ?? false);
    await until('frames again', async () => (await receptionOf(page)).framesDecoded > lost.framesDecoded + 25);
    await second.stop();
    await until('PLAYBACK_PROBLEM again', async () => (await eventsOf(page)).filter(isLost).length === 2, 10_000);
    await page.evaluate('stop()');
    const isStopped = (event: string): boolean => event === 'stream STOPPED Stopped by user';
    await until('STOPPED while the source is away', async () => (await eventsOf(page)).some(isStopped));
    await sluice.post('/rest-api/pull/rtmp/terminate', { uri });
  });

  test('the Web SDK gets FAILED "Stream not found" for a name that nobody pulls', async () => {
    const page = await connected();
    assert.deepEqual(await play(page, 'nobody'), { status: 'FAILED', info: 'Stream not found' });
  });
});

test('an rtmp:// address that nobody pulls is pulled for its viewer, and let go after the last one', async (t) => {
  const { sluice, nginx } = stage;
  const page = await connected();
  assert.equal((await play(page, nginx.url('cam'))).status, 'PLAYING');
  await assertPlays(t, page);
  await whenStatus(sluice, nginx.url('cam'), 'PROCESSED_REMOTE');
  await page.evaluate('disconnect()');
  await until('the pull is let go', async () => {
    const ofIt = (await findAll(sluice)).filter(({ uri }) => uri === nginx.url('cam'));
    return !ofIt.some(({ status }) => /PENDING|CONNECTED|PROCESSED_REMOTE/.test(status));
  });
});
