/** The addresses of WCS's pages that users link to, embed, and follow its manual with: answered by our own pages. */
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { Frame, Page } from 'playwright-core';
import { type Stage, setStage } from '../support/browser/stage.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

let stage: Stage;

before(async () => {
  stage = await setStage({ flags: ['--pulls.viewerAllow=127.0.0.0/8', '--pulls.viewerPorts='] });
  const publisher = await publish(stage.nginx.url('cam'), { toneHz: 440 });
  stage.onEnd(() => publisher.stop());
  await pull(stage.sluice, stage.nginx.url('cam'), 'cam');
  await whenStatus(stage.sluice, 'cam', 'PROCESSED_REMOTE');
});
after(() => stage.end());

/** It plays no longer than its test takes. */
async function tab(t: TestContext): Promise<Page> {
  const page = await stage.tab();
  t.after(() => page.context().close());
  return page;
}

async function assertShows(page: Page | Frame, width?: number): Promise<void> {
  await until('the video plays', async () => {
    const [time, shown]: [number, number] = await page.evaluate(
      "(({ currentTime, videoWidth }) => [currentTime, videoWidth])(document.querySelector('video'))",
    );
    return time > 1 && (width === undefined ? shown > 0 : shown === width);
  });
}

const wcsFolder = '/client2/examples/demo/streaming';

describe('the addresses of pages', { concurrency: 3 }, () => {
  test('an iframe of /embed_player plays, with all its parameters, inside a page of another origin', async (t) => {
    const { sluice, pages } = stage;
    const page = await tab(t);
    await page.goto(`${pages.origin}/whep.html`);
    const query = `urlServer=${sluice.signalling}&streamName=cam&mediaProviders=WebRTC,MSE&autoplay=true`;
    await page.evaluate(`{
      const frame = document.createElement('iframe');
      frame.src = ${JSON.stringify(`${sluice.rest}/embed_player?${query}`)};
      document.body.append(frame);
    }`);
    const frame = await until('the frame', () => page.frames().find((one) => one.url().includes('/embed_player')));
    await assertShows(frame);
  });

  test('without autoplay /embed_player waits for a click, which lets it be heard', async (t) => {
    const page = await tab(t);
    await page.goto(`${stage.sluice.rest}${wcsFolder}/embed_player/player.html?streamName=cam`);
    assert.match(page.url(), /\/embed_player\?streamName=cam$/);
    await page.click('#play');
    await assertShows(page);
    assert.equal(await page.evaluate("document.querySelector('video').muted"), false);
    assert.equal(await page.isVisible('#play'), false);
  });

  test('?mediaProviders= names what it is played by, the first that there is', async (t) => {
    const page = await tab(t);
    const address = `${stage.sluice.rest}/embed_player?streamName=cam&autoplay=true&mediaProviders=`;
    for (const [named, isWebRtc] of [
      ['WSPlayer,MSE', false],
      ['WebRTC,MSE', true],
    ] as const) {
      await page.goto(`${address}${named}`);
      await assertShows(page);
      assert.equal(await page.evaluate("document.querySelector('video').srcObject !== null"), isWebRtc);
    }
    await page.goto(`${address}WSPlayer`);
    await until('the notice', async () => (await page.textContent('#notice'))?.includes('mediaProviders') ?? false);
  });

  test('?resolution= is met by a rendition of that size', async (t) => {
    const page = await tab(t);
    await page.goto(`${stage.sluice.rest}/embed_player?streamName=cam&autoplay=true&resolution=160x120`);
    await assertShows(page, 160);
  });

  test('the player page of WCS plays with autoplay, and waits with the name in its box without', async (t) => {
    const page = await tab(t);
    await page.goto(`${stage.sluice.rest}${wcsFolder}/player/player.html?streamName=cam&autoplay=true`);
    await assertShows(page);
    await page.goto(`${stage.sluice.rest}${wcsFolder}/player/player.html?streamName=cam`);
    assert.equal(await page.inputValue('#stream'), 'cam');
    assert.equal(await page.textContent('#status'), 'Choose a stream');
  });

  test('a urlServer of another host is not played from, and the page says what would allow it', async (t) => {
    const page = await tab(t);
    await page.goto(
      `${stage.sluice.rest}/embed_player?urlServer=wss://other.example:8443&streamName=cam&autoplay=true`,
    );
    await until(
      'the notice',
      async () => (await page.textContent('#notice'))?.includes('server.playerServers') ?? false,
    );
  });

  test("the manual's steps on Two-way Streaming: connect, available, play by name and by address, stop, disconnect", async (t) => {
    const { sluice, nginx } = stage;
    const page = await tab(t);
    const shows = (id: string, words: string): Promise<true> =>
      until(`${id} shows ${words}`, async () => (await page.textContent(id)) === words || undefined);
    await page.goto(`${sluice.rest}${wcsFolder}/two_way_streaming/two_way_streaming.html`);
    assert.equal(await page.inputValue('#url'), sluice.rest.replace('http', 'ws'));
    await page.fill('#url', sluice.signalling);
    await page.click('#connect');
    await shows('#session', 'ESTABLISHED');
    for (const name of ['cam', nginx.url('cam')]) {
      await page.fill('#stream', name);
      await page.click('#available');
      await shows('#playback', 'AVAILABLE');
      await page.click('#play');
      await shows('#playback', 'PLAYING');
      await assertShows(page);
      await page.click('#play');
      await shows('#playback', 'STOPPED: Stopped by user');
    }
    await page.fill('#stream', 'nobody');
    await page.click('#available');
    await shows('#playback', 'UNAVAILABLE: Stream not found');
    await page.click('#play');
    await shows('#playback', 'FAILED: Stream not found');
    await page.click('#connect');
    await shows('#session', 'DISCONNECTED');
  });
});
