/** `<sluice-player timeshift>` goes back in a live stream, kept in memory, and to the beginning of a recording in progress. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from '../support/browser/chromium.js';
import { startFirefox } from '../support/browser/firefox.js';
import { type PageServer, startPageServer } from '../support/browser/page-server.js';
import { freePort } from '../support/server/free-port.js';
import { whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { serveOnce } from '../support/source/publisher.js';
import { until } from '../support/until.js';

let folder: string;
let pages: PageServer;
let sluice: RunningSluice;
const live = new Map<string, Page>();
let recorded: Page;
let chromium: Browser;
const ends: (() => Promise<unknown>)[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-shift-'));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  pages = await startPageServer();
  ends.push(() => pages.stop());
  const [started, firefox] = await Promise.all([startChromium(), startFirefox()]);
  chromium = started;
  ends.push(
    () => chromium.close(),
    () => firefox.close(),
  );
  const demo = ['--demo.enabled=true', '--demo.width=640', '--demo.height=360', '--demo.fps=15'];
  const recordings = [`--recordings.folder=${folder}`, '--recordings.minFreeMb=1', '--recordings.timeShift=true'];
  sluice = await startSluice([...demo, ...recordings, '--fragments.segmentMs=1000']);
  ends.push(() => sluice.stop());
  const uri = `rtmp://127.0.0.1:${await freePort()}/live/cam`;
  const origin = await serveOnce(uri, { size: '320x180', bitrateKbps: 300, gopFrames: 30 });
  ends.push(() => origin.stop());
  await sluice.post('/rest-api/pull/rtmp/pull', { uri, localStreamName: 'recorded', record: true });
  const withCaptions = `rtmp://127.0.0.1:${await freePort()}/live/cam`;
  const said = await serveOnce(withCaptions, { size: '320x180', bitrateKbps: 300, gopFrames: 30, hasCaptions: true });
  ends.push(() => said.stop());
  await sluice.post('/rest-api/pull/rtmp/pull', { uri: withCaptions, localStreamName: 'captions' });
  for (const name of ['demo', 'recorded', 'captions']) await whenStatus(sluice, name, 'PROCESSED_REMOTE');
  // From now on there is something to go back to.
  assert.equal((await fetch(`${sluice.rest}/hls/captions/time-shift.json`)).status, 200);
  const [inChromium, inFirefox, past] = await Promise.all([
    open(chromium, 'demo'),
    open(firefox, 'demo'),
    open(chromium, 'recorded'),
  ]);
  live.set('Chromium', inChromium).set('Firefox', inFirefox);
  recorded = past;
});
after(async () => {
  for (const end of ends.reverse()) await end();
});

async function open(browser: Browser, src: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(15_000);
  const html = `<!doctype html><title>foreign</title><script type="module" src="${sluice.rest}/sluice-player.js"></script>
    <sluice-player src="${src}" timeshift style="width: 640px"></sluice-player>`;
  pages.put(`/${src}.html`, html);
  await page.goto(`${pages.origin}/${src}.html`);
  await page.evaluate(
    `customElements.whenDefined('sluice-player').then(async () => {
      window.player = document.querySelector('sluice-player');
      const { createReception } = await import('/reception.js');
      window.reception = createReception(player.video, () => null);
    })`,
  );
  return page;
}

const depthReaches = (page: Page, leastMs: number): Promise<unknown> =>
  until(`${leastMs} ms to go back`, () => page.evaluate(`player.depthMs >= ${leastMs}`), 30_000);
const plays = (page: Page) =>
  until('it plays', async () => (await page.evaluate('player.state.phase')) === 'playing', 15_000);
/** Of the frame that is shown: the demo draws the clock into each. */
const age = (page: Page): Promise<number> =>
  until('a stamp', async () => (await page.evaluate<number | null>('reception.frameAgeMs()')) ?? undefined);
const moves = async (page: Page): Promise<void> => {
  const fromS = await page.evaluate<number>('player.video.currentTime');
  await until('it moves', async () => (await page.evaluate<number>('player.video.currentTime')) > fromS + 1);
};

for (const browser of ['Chromium', 'Firefox']) {
  test(`${browser}: the slider goes back in a live stream, and the button to the live edge again`, async (t) => {
    const page = live.get(browser) ?? assert.fail();
    await plays(page);
    await until('the present', async () => (await age(page)) < 2000);
    await depthReaches(page, 7000);
    const slider = page.locator('sluice-player >> #scrubber');
    await slider.fill('-5');
    await until('the past', async () => (await age(page)) > 2500);
    await plays(page);
    await moves(page);
    const behindMs = await page.evaluate<number>('player.behindMs');
    // It is written once a second.
    await until('the slider says so', async () => {
      const nowMs = await page.evaluate<number>('player.behindMs');
      return (await slider.getAttribute('aria-valuetext')) === `0:0${Math.round(nowMs / 1000)} behind live`;
    });
    const agoMs = await age(page);
    t.diagnostic(`5 s back: the frame is ${agoMs} ms old, the player says ${behindMs.toFixed(0)}`);
    assert.ok(agoMs > 2500 && agoMs < 9000, `${agoMs} ms`);
    assert.ok(Math.abs(behindMs - 5000) < 2500, `${behindMs} ms`);
    const toLive = page.locator('sluice-player').getByRole('button', { name: 'Go to live' });
    await toLive.click();
    await until('the present', async () => (await age(page)) < 2000);
    assert.equal(await page.evaluate('player.behindMs'), 0);
    assert.equal(await toLive.isVisible(), false);
  });
}

test('a recording in progress is gone back in to its beginning', async (t) => {
  await plays(recorded);
  await depthReaches(recorded, 7000);
  const shiftedMs = Date.now();
  await recorded.evaluate('player.shiftTo(player.depthMs)');
  await until('the past', () =>
    recorded.evaluate("player.video.src.startsWith('blob:') && player.video.readyState > 2"),
  );
  await plays(recorded);
  await moves(recorded);
  const { seconds, back } = await recorded.evaluate<{ readonly seconds: number; readonly back: number }>(
    '({ seconds: player.video.currentTime, back: player.behindMs })',
  );
  t.diagnostic(`${seconds.toFixed(1)} s after the beginning, ${back.toFixed(0)} ms behind the live edge`);
  assert.ok(back > 6000, `${back} ms behind`);
  const beganS = seconds - (Date.now() - shiftedMs) / 1000;
  assert.ok(beganS < 3, `it began at ${beganS} s`);
  await recorded.focus('sluice-player >> #stage');
  await recorded.keyboard.press('l');
  await until('live again', () => recorded.evaluate('player.video.srcObject !== null'));
  await plays(recorded);
});

interface ListedViewer {
  readonly protocol: string;
  readonly streamName: string;
  readonly bytesSent: number;
}

test('what the source said to be read is shown in the past too, and who watches it counts as a viewer by HLS', async (t) => {
  const captioned = await open(chromium, 'captions');
  await plays(captioned);
  await depthReaches(captioned, 4000);
  await captioned.evaluate('player.shiftTo(3500)');
  const shown = await until('a caption that is shown', () =>
    captioned.evaluate<{ readonly text: string; readonly earlyS: number } | undefined>(`(() => {
      const cue = [...player.video.textTracks].find(({ kind }) => kind === 'subtitles')?.activeCues?.[0];
      return cue && { text: cue.text, earlyS: player.video.currentTime - cue.startTime };
    })()`),
  );
  t.diagnostic(JSON.stringify(shown));
  assert.match(shown.text, /^caption \d+$/);
  // One comes each second, and ends the one before it.
  assert.ok(shown.earlyS >= 0 && shown.earlyS < 1.5, `${shown.earlyS} s`);
  assert.equal(await captioned.locator('sluice-player').getByRole('button', { name: 'Captions' }).isVisible(), true);
  const viewers: readonly ListedViewer[] = JSON.parse(await (await fetch(`${sluice.rest}/api/viewers`)).text());
  const byHls = viewers.filter(({ protocol, streamName }) => protocol === 'hls' && streamName === 'captions');
  assert.equal(byHls.length, 1, JSON.stringify(viewers));
  assert.ok((byHls[0]?.bytesSent ?? 0) > 10_000, JSON.stringify(byHls));
});
