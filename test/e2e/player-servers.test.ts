/** `<sluice-player servers="...">` over two servers that pull the same source: one dies, stands still or is drained, and it plays from the other. */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from '../support/browser/chromium.js';
import { type PageServer, startPageServer } from '../support/browser/page-server.js';
import { judged } from '../support/judged.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { type Cameras, startCameras } from '../support/source/cameras.js';
import { until } from '../support/until.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';

let cameras: Cameras;
let pages: PageServer;
let chromium: Browser;
let two: readonly [RunningSluice, RunningSluice];
const ends: (() => Promise<unknown>)[] = [];

before(async () => {
  [cameras, pages, chromium] = await Promise.all([startCameras(500), startPageServer(), startChromium()]);
  ends.push(
    () => cameras.stop(),
    () => pages.stop(),
    () => chromium.close(),
  );
  two = await Promise.all([start(), start()]);
});
after(async () => {
  for (const end of ends.reverse()) await end();
});

async function start(): Promise<RunningSluice> {
  const sluice = await startSluice();
  ends.push(() => sluice.child.stop('SIGKILL'));
  await pull(sluice, cameras.url('cam'), 'cam');
  await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE');
  return sluice;
}

/** Its script comes from the second: the first may die before it is read. */
async function open([first, second]: readonly [RunningSluice, RunningSluice]): Promise<Page> {
  const page = await (await chromium.newContext()).newPage();
  pages.put(
    '/two.html',
    `<!doctype html><title>two servers</title><script type="module" src="${second.rest}/sluice-player.js"></script>
    <sluice-player src="cam" servers="${first.rest} ${second.rest}/" style="width: 320px"></sluice-player>`,
  );
  await page.goto(`${pages.origin}/two.html`);
  await page.evaluate(
    `customElements.whenDefined('sluice-player').then(() => {
      window.player = document.querySelector('sluice-player');
      window.phases = [];
      player.addEventListener('state', ({ detail }) => phases.push(detail.phase));
    })`,
  );
  return page;
}

const viewersOf = async ({ rest }: RunningSluice): Promise<number> => {
  const all: unknown = await (await fetch(`${rest}/api/viewers`)).json();
  return Array.isArray(all) ? all.length : 0;
};

/** Resolves with how long no new picture came, once ten have come from `sluice`. */
async function whenBack(page: Page, sluice: RunningSluice, sinceMs: number): Promise<number> {
  await until('the other server has it', async () => (await viewersOf(sluice)) === 1, 20_000);
  await page.evaluate(
    'new Promise((shown) => { let left = 10; const next = () => (--left === 0 ? shown() : player.video.requestVideoFrameCallback(next)); player.video.requestVideoFrameCallback(next); })',
  );
  return performance.now() - sinceMs;
}

/** Behind a pause its loop is late by viewers.maxLoopLagMs on the average, and a newcomer would go to the other one. */
async function takesViewersAgain({ rest }: RunningSluice): Promise<void> {
  const viewer = await until('a newcomer is let in', () => joinWhep(`${rest}/whep/cam`).catch(() => undefined));
  await viewer.leave();
}

const plays = (page: Page) => until('it plays', () => page.evaluate("player.state.phase === 'playing'"), 15_000);

test('where no server answers the session is kept: it is the network of the page that is away', async () => {
  const page = await open(two);
  await plays(page);
  await page.evaluate('phases.length = 0');
  const failed: string[] = [];
  page.on('requestfailed', (request) => failed.push(new URL(request.url()).origin));
  for (const { child } of two) process.kill(child.pid, 'SIGSTOP');
  const times = (origin: string): number => failed.filter((one) => one === origin).length;
  await until('both were asked in vain', () => two.every(({ rest }) => times(rest) >= 1), 20_000);
  assert.deepEqual(await page.evaluate('phases'), []);
  for (const { child } of two) process.kill(child.pid, 'SIGCONT');
  const frames = () => page.evaluate<number>('player.video.getVideoPlaybackQuality().totalVideoFrames');
  const before = await frames();
  await until('pictures go on in the same session', async () => (await frames()) > before + 10);
  assert.deepEqual(await page.evaluate('phases'), []);
  await page.context().close();
  for (const sluice of two) await takesViewersAgain(sluice);
});

/** `mostMs`: within which there are pictures again. */
async function leaves(t: TestContext, what: string, mostMs: number, strike: (one: RunningSluice) => unknown) {
  const page = await open(two);
  await plays(page);
  assert.deepEqual([await viewersOf(two[0]), await viewersOf(two[1])], [1, 0]);
  const sinceMs = performance.now();
  await strike(two[0]);
  const backMs = await whenBack(page, two[1], sinceMs);
  t.diagnostic(`ten new pictures ${Math.round(backMs)} ms after it ${what}`);
  await judged(t, {
    measure: async () => backMs,
    isGood: (ms) => ms < mostMs,
    words: (ms) => `pictures again after ${Math.round(ms)} ms`,
    windows: 1,
  });
  assert.equal(await page.evaluate("phases.includes('failed')"), false);
  await page.context().close();
  await until('its session is over', async () => (await viewersOf(two[1])) === 0);
}

test('the server that plays stands still: the other one plays, and nobody has pressed anything', (t) =>
  leaves(t, 'stood still', 7000, ({ child }) => process.kill(child.pid, 'SIGSTOP')));

test('the server that plays is killed: the other one plays', async (t) => {
  two[0].child.process.kill('SIGKILL');
  two = [two[1], await start()];
  await leaves(t, 'was killed', 4000, ({ child }) => child.process.kill('SIGKILL'));
});

test('the server that plays is drained: the other one plays', async (t) => {
  two = [two[1], await start()];
  await leaves(t, 'was drained', 4000, (one) => one.post('/api/drain', { afterMs: 0 }));
});
