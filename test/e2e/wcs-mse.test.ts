/** The MSE provider of the unmodified Web SDK, by its newest version and by the oldest that npm has. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Stage, setStage } from '../support/browser/stage.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

interface Shown {
  readonly frames: number;
  readonly audioBytes: number;
  readonly width: number;
  readonly playedS: number;
  readonly behindS: number;
  readonly ranges: number;
}

let stage: Stage;

before(async () => {
  stage = await setStage({ flags: ['--supervisor.faultInjection=true'] });
  const { nginx, sluice } = stage;
  const small = { toneHz: 440, size: '320x240', bitrateKbps: 400, gopFrames: 50 } as const;
  for (const [name, bFrames] of [
    ['cam', 0],
    ['b', 2],
  ] as const) {
    const publisher = await publish(nginx.url(name), { ...small, bFrames });
    stage.onEnd(() => publisher.stop());
    await pull(sluice, nginx.url(name), name);
  }
  await pull(sluice, `${nginx.url('cam')}?mortal`, 'mortal');
  for (const name of ['cam', 'b', 'mortal']) await whenStatus(sluice, name, 'PROCESSED_REMOTE');
});
after(() => stage.end());

async function connected(query: string): Promise<Page> {
  const page = await stage.tab();
  await page.goto(`${stage.pages.origin}/wcs.html?${query}`);
  await page.waitForFunction('window.connect !== undefined');
  await page.evaluate(`connect(${JSON.stringify(stage.sluice.signalling)})`);
  return page;
}

const play = (page: Page, name: string, constraints?: object): Promise<{ status: string; info: string }> =>
  page.evaluate(`play(${JSON.stringify(name)}, ${JSON.stringify(constraints)})`);
const shownOf = (page: Page): Promise<Shown> => page.evaluate('shown()');
const eventsOf = (page: Page): Promise<readonly string[]> => page.evaluate('events');

/** Two seconds of picture and sound, in one piece. */
async function assertPlays(page: Page, width = 320): Promise<Shown> {
  const two = await until('two seconds of picture and sound', async () => {
    const shown = await shownOf(page);
    return shown.playedS > 2 && shown.frames > 40 && shown.audioBytes > 8000 ? shown : undefined;
  });
  assert.deepEqual([two.width, two.ranges], [width, 1], JSON.stringify(two));
  return two;
}

describe('the MSE provider', { concurrency: true }, () => {
  for (const version of ['', '-2.0.180']) {
    test(`the SDK${version || '-2.0.276'} plays picture and sound by MSE, and stops`, async (t) => {
      const page = await connected(`providers=MSE&sdk=${version}`);
      assert.deepEqual(await play(page, 'cam'), { status: 'PLAYING', info: '' });
      t.diagnostic(JSON.stringify(await assertPlays(page)));
      const mediaSessionId = await page.evaluate('streamId()');
      const found = await stage.sluice.post('/rest-api/stream/find', { mediaSessionId });
      const [{ mediaProvider, status, transport }] = JSON.parse(await found.text());
      assert.deepEqual([mediaProvider, status, transport], ['MSE', 'PLAYING', 'TCP']);
      await page.evaluate('stop()');
      const isEnd = (event: string): boolean => /^stream (STOPPED|FAILED)/.test(event);
      const end = await until('the end', async () => (await eventsOf(page)).find(isEnd));
      assert.equal(end, 'stream STOPPED Stopped by user');
      await page.close();
    });
  }

  test('a stream with B-frames, and a size that is asked for, play by MSE from the renditions that WebRTC plays too', async () => {
    const page = await connected('providers=MSE');
    assert.equal((await play(page, 'b')).status, 'PLAYING');
    await assertPlays(page);
    await page.evaluate('stop()');
    assert.equal((await play(page, 'b', { audio: true, video: { width: 160, height: 120 } })).status, 'PLAYING');
    await until('the smaller picture', async () => (await shownOf(page)).width === 160);
    await page.close();
  });

  test('through the death of its thread a play by MSE goes on', async () => {
    const page = await connected('providers=MSE');
    assert.equal((await play(page, 'mortal')).status, 'PLAYING');
    await until('a picture', async () => (await shownOf(page)).frames > 5);
    await stage.sluice.post('/api/fault', { name: 'mortal', fault: 'throw' });
    const isBack = (event: string): boolean => event.startsWith('stream PLAYING Stream failed');
    await until('the stream is back', async () => (await eventsOf(page)).some(isBack));
    const atReturn = await shownOf(page);
    await until('more than what was there', async () => {
      const { playedS, frames } = await shownOf(page);
      return playedS > atReturn.playedS + atReturn.behindS + 1 && frames > atReturn.frames + 20;
    });
    await page.close();
  });

  test('a browser without WebRTC plays by MSE where the page names both; WSPlayer fails, and says so', async () => {
    const page = await connected('providers=WebRTC,MSE&noWebRtc');
    assert.equal((await play(page, 'cam')).status, 'PLAYING');
    await assertPlays(page);
    await page.close();
    const other = await connected('providers=WSPlayer');
    assert.deepEqual(await play(other, 'cam'), { status: 'FAILED', info: 'No common codecs' });
    await other.close();
  });
});
