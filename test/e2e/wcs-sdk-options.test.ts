/** What pages ask of the unmodified Web SDK beside a plain play, by its newest version and by the oldest that npm has. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Stage, setStage } from '../support/browser/stage.js';
import { receptionOf } from '../support/browser/viewer.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

let stage: Stage;

before(async () => {
  stage = await setStage();
  const publisher = await publish(stage.nginx.url('cam'), { toneHz: 440, size: '320x240', bitrateKbps: 400 });
  stage.onEnd(() => publisher.stop());
  await pull(stage.sluice, stage.nginx.url('cam'), 'cam');
  await whenStatus(stage.sluice, 'cam', 'PROCESSED_REMOTE');
});
after(() => stage.end());

async function connected(version = ''): Promise<Page> {
  const page = await stage.tab();
  await page.goto(`${stage.pages.origin}/wcs.html?sdk=${version}`);
  await page.waitForFunction('window.connect !== undefined');
  await page.evaluate(`connect(${JSON.stringify(stage.sluice.signalling)})`);
  return page;
}

async function play(page: Page, constraints: unknown = undefined, options: object = {}, name = 'cam'): Promise<void> {
  const asked = [name, constraints, options].map((value) => JSON.stringify(value) ?? 'undefined').join(', ');
  const outcome: { status: string; info: string } = await page.evaluate(`play(${asked})`);
  assert.deepEqual(outcome, { status: 'PLAYING', info: '' });
  await page.evaluate('startReception()');
}

const eventsOf = (page: Page): Promise<readonly string[]> => page.evaluate('events');

describe('what pages ask', { concurrency: 3 }, () => {
  for (const version of ['', '-2.0.180']) {
    test(`the SDK${version || '-2.0.276'} plays, measures its connection, knows the size and takes snapshots`, async () => {
      const page = await connected(version);
      await play(page);
      await until('frames and audio', async () => {
        const { framesDecoded, audioSamples } = await receptionOf(page);
        return framesDecoded > 50 && audioSamples > 48_000;
      });
      assert.deepEqual(await page.evaluate('resolution()'), { width: 320, height: 240 });
      await until('the quality of the connection', async () =>
        (await eventsOf(page)).some((event) => /^quality (PERFECT|GOOD)$/.test(event)),
      );
      assert.deepEqual(await page.evaluate("snapshot('cam')"), [320, 240]);
      await assert.rejects(page.evaluate("snapshot('nobody')"), /Stream not found/);
      await page.evaluate('stop()');
      await until('STOPPED', async () => (await eventsOf(page)).includes('stream STOPPED Stopped by user'));
      await page.close();
    });
  }

  test('transport TCP makes media come by TCP, and without it by UDP', async () => {
    for (const [options, protocol] of [
      [{ transport: 'TCP' }, 'tcp'],
      [{}, 'udp'],
    ] as const) {
      const page = await connected();
      await play(page, undefined, options);
      await until('frames', async () => (await receptionOf(page)).framesDecoded > 25);
      // Chromium's statistics are refreshed now and then, and may not name the pair yet.
      const used = await until('a selected pair', async () => (await page.evaluate('mediaProtocol()')) ?? undefined);
      assert.equal(used, protocol);
      const mediaSessionId = await page.evaluate('streamId()');
      const found = await stage.sluice.post('/rest-api/stream/find', { mediaSessionId });
      assert.equal(JSON.parse(await found.text())[0].transport, protocol.toUpperCase());
      await page.close();
    }
  });

  test('audio alone and video alone play', async () => {
    for (const [constraints, hasVideo] of [
      [{ audio: true, video: false }, false],
      [{ audio: false, video: true }, true],
    ] as const) {
      const page = await connected();
      await play(page, constraints);
      await until('what was asked for', async () => {
        const { framesDecoded, audioSamples } = await receptionOf(page);
        return hasVideo ? framesDecoded > 25 : audioSamples > 48_000;
      });
      const { framesDecoded, audioSamples } = await receptionOf(page);
      assert.equal(hasVideo ? audioSamples : framesDecoded, 0);
      await page.close();
    }
  });

  test('codecs that a page strips are not used; stereo and custom fields are no obstacle', async () => {
    const page = await connected();
    await play(
      page,
      { audio: { stereo: true }, video: true },
      { stripCodecs: 'opus,VP8,AV1', custom: { token: 'abc' } },
    );
    await until('G.711 and H.264', async () => {
      const { audioCodec, codec, framesDecoded } = await receptionOf(page);
      return framesDecoded > 25 && /PCM[AU]$/.test(audioCodec) && codec === 'video/H264';
    });
    await page.close();
  });

  test('a source that comes back in another size makes a resize event', async () => {
    const uri = stage.nginx.url('resized');
    const first = await publish(uri, { size: '320x240' });
    stage.onEnd(() => first.stop());
    await pull(stage.sluice, uri, 'resized');
    await whenStatus(stage.sluice, 'resized', 'PROCESSED_REMOTE');
    const page = await connected();
    await play(page, undefined, {}, 'resized');
    await first.stop();
    const second = await publish(uri, { size: '160x120' });
    stage.onEnd(() => second.stop());
    const isResized = (event: string): boolean => /^event resize .*"streamerVideoWidth":160/.test(event);
    await until('the event', async () => (await eventsOf(page)).some(isResized));
    assert.deepEqual(await page.evaluate('resolution()'), { width: 160, height: 120 });
    await second.stop();
    await page.close();
  });
});
