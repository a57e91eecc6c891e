/** Pages of the Web SDK's package, as they are shipped, against this server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Stage, setStage } from '../support/browser/stage.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

let stage: Stage;

before(async () => {
  stage = await setStage({ flags: ['--pulls.viewerAllow=127.0.0.0/8'], mayPagesControl: true });
  const publisher = await publish(stage.nginx.url('cam'), { toneHz: 440, size: '320x240', bitrateKbps: 400 });
  stage.onEnd(() => publisher.stop());
  await pull(stage.sluice, stage.nginx.url('cam'), 'cam');
  await whenStatus(stage.sluice, 'cam', 'PROCESSED_REMOTE');
});
after(() => stage.end());

async function open(path: string): Promise<Page> {
  const page = await stage.tab();
  await page.goto(`${stage.pages.origin}/websdk/examples/demo/streaming/${path}`);
  return page;
}

const shows = (page: Page, id: string, words: string): Promise<true> =>
  until(`${id} shows ${words}`, async () => (await page.textContent(id))?.includes(words) || undefined);

const plays = (page: Page, display: string, width: number): Promise<true> =>
  until(`the video of ${display} plays in ${width} pixels`, async () => {
    const shown: readonly [number, number] | null = await page.evaluate(`{
      const video = document.querySelector('${display} video');
      video === null ? null : [video.currentTime, video.videoWidth];
    }`);
    return (shown !== null && shown[0] > 0.5 && shown[1] === width) || undefined;
  });

test('two_way_streaming: connect, available, play by name and by address, stop, disconnect', async () => {
  const page = await open('two_way_streaming/two_way_streaming.html');
  await page.fill('#urlServer', stage.sluice.signalling);
  await page.click('#connectBtn');
  await shows(page, '#connectStatus', 'ESTABLISHED');
  for (const name of ['cam', stage.nginx.url('cam')]) {
    await page.fill('#playStream', name);
    await page.click('#availableBtn');
    await shows(page, '#availableStatus', 'AVAILABLE');
    await page.click('#playBtn');
    await shows(page, '#playStatus', 'PLAYING');
    await plays(page, '#remoteVideo', 320);
    const answer = await stage.sluice.post('/rest-api/stream/event/send', {
      streamName: 'cam',
      payload: { count: 23 },
    });
    assert.equal(answer.status, 200);
    await until(
      'the payload is shown',
      async () => (await page.textContent('#receivedData'))?.includes('23') || undefined,
    );
    await page.click('#playBtn');
    await shows(page, '#playStatus', 'STOPPED');
  }
  await page.click('#connectBtn');
  await shows(page, '#connectStatus', 'DISCONNECTED');
});

test('embed_player plays by itself, and in the resolution of its address, which the page sends as text', async () => {
  const query = `urlServer=${stage.sluice.signalling}&streamName=cam&mediaProviders=WebRTC,MSE&autoplay=true`;
  await plays(await open(`embed_player/player.html?${query}`), '#remoteVideo', 320);
  await plays(await open(`embed_player/player.html?${query}&resolution=160x120`), '#remoteVideo', 160);
  const byMse = query.replace('WebRTC,MSE', 'MSE');
  await plays(await open(`embed_player/player.html?${byMse}`), '#remoteVideo', 320);
});

test('the console shows the load of this server in numbers, and its streams', async () => {
  const page = await open('console/console.html');
  await page.evaluate(`SERVER_PORTS.http = ${new URL(stage.sluice.rest).port}; addNode('127.0.0.1')`);
  const cell = (name: string): Promise<string | null> => page.textContent(`[id="127001-state-${name}"]`);
  await until('the row of the server', async () => (await page.$('[id="127001-state-cpu"]')) !== null || undefined);
  for (const name of ['cpu', 'in', 'out', 'conn', 'ws', 'threads'])
    assert.match((await cell(name)) ?? '', /^\d+$/, name);
  assert.equal(await cell('in'), '1');
});
