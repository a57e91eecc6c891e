/** Playback tokens as a viewer meets them: `<sluice-player token>` by each of its ways, a player of plain HLS, `sluice token`. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from '../support/browser/chromium.js';
import { type PageServer, startPageServer } from '../support/browser/page-server.js';
import { probeFile } from '../support/recording/probe.js';
import { whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { tokenSecret } from '../support/server/tokens.js';
import { until } from '../support/until.js';

let pages: PageServer;
let sluice: RunningSluice;
let chromium: Browser;
const ends: (() => Promise<unknown>)[] = [];

before(async () => {
  pages = await startPageServer();
  ends.push(() => pages.stop());
  chromium = await startChromium();
  ends.push(() => chromium.close());
  const demo = ['--demo.enabled=true', '--demo.width=320', '--demo.height=180', '--demo.fps=15'];
  sluice = await startSluice([`--playback.secrets=${tokenSecret}`, `--playback.origins=${pages.origin}`, ...demo]);
  ends.push(() => sluice.stop());
  await whenStatus(sluice, 'demo', 'PROCESSED_REMOTE');
});
after(async () => {
  for (const end of ends.reverse()) await end();
});

/** A page of another origin. `script` runs before any of its own. */
async function open(attributes: string, script = ''): Promise<Page> {
  const page = await (await chromium.newContext()).newPage();
  await page.addInitScript(script);
  pages.put(
    '/foreign.html',
    `<!doctype html><title>foreign</title><script type="module" src="${sluice.rest}/sluice-player.js"></script>
    <sluice-player ${attributes} style="width: 320px"></sluice-player>`,
  );
  await page.goto(`${pages.origin}/foreign.html`);
  await page.evaluate(
    "customElements.whenDefined('sluice-player').then(() => { window.player = document.querySelector('sluice-player') })",
  );
  return page;
}

const plays = (page: Page) =>
  until('video moves', () => page.evaluate('(player.stats?.report.framesDecoded ?? 0) > 10'), 15_000);

/** As an operator makes one. */
async function tokenBy(...words: readonly string[]): Promise<string> {
  const args = [
    '.build/dist/main/main.mjs',
    'token',
    '--stream',
    'demo',
    ...words,
    `--playback.secrets=${tokenSecret}`,
  ];
  return (await promisify(execFile)(process.execPath, args)).stdout.trim();
}

const noWebRtc = 'delete globalThis.RTCPeerConnection;';
const ways = [
  ['WHEP', ''],
  ['WebSocket', noWebRtc],
] as const;
for (const [way, script] of ways) {
  test(`with a token it plays by ${way}, until the token is revoked; without one it says what is missing`, async (t) => {
    const made = await sluice.post('/api/tokens', { stream: 'demo', subject: way });
    const { token, id } = JSON.parse(await made.text());
    const page = await open(`src="demo" token="${token}"`, script);
    await plays(page);
    const startMs = performance.now();
    const revoked = await fetch(`${sluice.rest}/api/tokens/${id}`, { method: 'DELETE' });
    assert.equal(revoked.status, 204);
    await until('it is ended', () => page.evaluate("player.state.phase !== 'playing'"));
    // What the server does of it within two seconds is judged in server/playback: here a browser has its part.
    t.diagnostic(`${(performance.now() - startMs).toFixed(0)} ms from the call to the page`);
    await page.locator('sluice-player >> #notice', { hasText: 'it has been revoked' }).waitFor();
    await page.context().close();
    const without = await open('src="demo"', script);
    await without.locator('sluice-player >> #notice', { hasText: 'asks for a playback token' }).waitFor();
    await without.context().close();
  });
}

test('an address that sluice token has signed plays in a tag, also by HLS, and in a player of plain HLS', async () => {
  const [page = '', , hls = ''] = (await tokenBy('--expires', '1m', '--url', sluice.rest)).split('\n');
  for (const script of ['', `${noWebRtc} delete globalThis.MediaSource;`]) {
    const tab = await open(`src="${page}"`, script);
    await plays(tab);
    await tab.context().close();
  }
  const file = await probeFile(hls, ['-t', '2']);
  assert.deepEqual([file.errors, file.video?.codec], ['', 'h264']);
  assert.equal((await fetch(new URL('index.m3u8', hls))).status, 401);
});
