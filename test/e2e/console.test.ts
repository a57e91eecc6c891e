/** The console follows a stream's life in both browsers, says why an address does not play, and is clean by axe-core. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { violationsOf } from '../support/browser/accessibility.js';
import { startChromium } from '../support/browser/chromium.js';
import { startFirefox } from '../support/browser/firefox.js';
import { startRedisServer } from '../support/cluster/redis-server.js';
import { freePort } from '../support/server/free-port.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { until } from '../support/until.js';

const key = 'a-key-of-16-chars';
let sluice: RunningSluice;
let strict: RunningSluice;
let chromium: Browser;
let firefox: Browser;
const ends: (() => Promise<unknown>)[] = [];

before(async () => {
  const demo = ['--demo.enabled=true', '--demo.width=640', '--demo.height=360', '--demo.fps=15'];
  const folder = await mkdtemp(join(tmpdir(), 'sluice-console-'));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  const recordings = [`--recordings.folder=${folder}`, '--recordings.minFreeMb=1'];
  sluice = await startSluice([...demo, ...recordings, `--control.apiKeys=${key}`]);
  strict = await startSluice(['--control.loopback=false', `--control.apiKeys=${key}`]);
  ends.push(
    () => sluice.stop(),
    () => strict.stop(),
  );
  [chromium, firefox] = await Promise.all([startChromium(), startFirefox()]);
  ends.push(
    () => chromium.close(),
    () => firefox.close(),
  );
  await whenStatus(sluice, 'demo', 'PROCESSED_REMOTE');
});
after(async () => {
  for (const end of ends.reverse()) await end();
});

async function open(browser: Browser, url: string, scheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const context = await browser.newContext({ colorScheme: scheme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(url);
  return page;
}

for (const [name, browserOf] of [
  ['Chromium', () => chromium],
  ['Firefox', () => firefox],
] as const) {
  test(`${name}: a pull is added, its reason said with the way out, and it is ended`, async () => {
    const page = await open(browserOf(), `${sluice.rest}/`);
    const demo = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'demo' }) });
    await demo.getByText('Live').waitFor();
    await demo.locator('img').waitFor();

    const port = await freePort();
    await page.getByLabel('Address').fill(`rtmp://127.0.0.1:${port}/live/gate`);
    await page.getByLabel('Name').fill(`gate of ${name}`);
    await page.getByRole('button', { name: 'Pull' }).click();
    await page.getByRole('heading', { name: `gate of ${name}` }).waitFor();
    await page.getByText('INGRESS_REFUSED').waitFor({ timeout: 10_000 });
    await page.getByText('Check the port, and whether the RTMP server runs.').waitFor();

    page.on('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: 'End the stream' }).click();
    await page.getByText('This stream no longer exists').waitFor();
    await page.context().close();
  });
}

test('what is pulled already is refused in words', async () => {
  const page = await open(chromium, `${sluice.rest}/`);
  const [demo] = JSON.parse(await (await fetch(`${sluice.rest}/api/streams`)).text());
  await page.getByLabel('Address').fill(demo.uri);
  await page.getByRole('button', { name: 'Pull' }).click();
  await page.getByRole('alert').filter({ hasText: 'This uri is pulled already' }).waitFor();
  await page.context().close();
});

test('a stream is watched in its page, and its viewer is listed and can be ended', async () => {
  const page = await open(chromium, `${sluice.rest}/`);
  await page.getByRole('link', { name: 'demo', exact: true }).click();
  const row = page.getByRole('row').filter({ hasText: 'Chrome' });
  await row.waitFor();
  await row.getByRole('cell', { name: 'source', exact: true }).waitFor();
  await row.getByRole('cell', { name: '127.0.0.x', exact: true }).waitFor();
  await page.getByLabel('Whole addresses').check();
  await row.getByRole('cell', { name: '127.0.0.1', exact: true }).waitFor();
  await page.getByText('Keyframes come often enough').waitFor();
  await page.getByText('pull.started').waitFor();
  const player = page.locator('sluice-player');
  const phase = () => player.evaluate((element) => String(Reflect.get(Reflect.get(element, 'state'), 'phase')));
  await until('it plays', async () => (await phase()) === 'playing');
  await row.getByRole('button', { name: /End the session/ }).click();
  await until('the player has lost its session', async () => (await phase()) !== 'playing');
  await page.context().close();
});

test('a stream is recorded from its page; the recording is played, with a key too, saved, and deleted', async () => {
  const page = await open(chromium, `${sluice.rest}/`);
  await page.getByRole('link', { name: 'demo', exact: true }).click();
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await page.getByText('is recorded now').waitFor();
  await page.getByText('Recording', { exact: true }).waitFor();
  const files = await until('two seconds', async () => {
    const all = JSON.parse(await (await fetch(`${sluice.rest}/api/recordings`)).text());
    return all.at(-1)?.durationMs > 2000 && all;
  });
  // It began in the middle of a stream: what was kept of its picture waits for its sound.
  assert.deepEqual(
    files.map(({ audioCodec }: { readonly audioCodec: string }) => audioCodec),
    ['AAC'],
  );
  await page.getByRole('button', { name: 'End the recording' }).click();
  await page.getByRole('button', { name: 'Record', exact: true }).waitFor();
  await page.getByRole('link', { name: 'Recordings', exact: true }).click();
  await page.getByRole('cell', { name: 'finished' }).waitFor();
  await page.getByRole('link', { name: 'Play demo of' }).click();
  const plays = (one: Page) =>
    until('it plays', () => one.evaluate("document.querySelector('video.recorded')?.currentTime > 0.5"));
  await plays(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download demo of' }).click(),
  ]);
  assert.match(download.suggestedFilename(), /^stream-.*\.mp4$/);
  assert.deepEqual(await violationsOf(page), []);

  const keyed = await (await chromium.newContext()).newPage();
  await keyed.addInitScript(`sessionStorage.setItem('sluice-api-key', '${key}')`);
  await keyed.goto(page.url());
  await plays(keyed);
  assert.match(await keyed.evaluate("document.querySelector('video.recorded').src"), /^blob:/);
  await until('its still', () => keyed.evaluate("document.querySelector('img.thumbnail')?.naturalWidth > 0"));
  await keyed.context().close();

  page.on('dialog', (dialog) => void dialog.accept());
  await page.getByRole('button', { name: 'Delete demo of' }).click();
  await page.getByText('Nothing is recorded yet').waitFor();
  await page.context().close();
});

for (const [name, browserOf] of [
  ['Chromium', () => chromium],
  ['Firefox', () => firefox],
] as const) {
  test(`${name}: every page fits a phone, and can be gone to by the keyboard alone`, async () => {
    const page = await open(browserOf(), `${sluice.rest}/`);
    await page.setViewportSize({ width: 360, height: 640 });
    const overhang = (): Promise<number> =>
      page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    await page.getByRole('link', { name: 'demo', exact: true }).waitFor();
    assert.equal(await overhang(), 0, 'streams');
    for (const [link, heading] of [
      ['demo', 'demo'],
      ['Recordings', 'Recordings'],
      ['Supervision', 'Supervision'],
      ['Configuration', 'Configuration in force'],
    ] as const) {
      const target = page.getByRole('link', { name: link, exact: true }).first();
      const isThere = (): Promise<boolean> =>
        target.evaluate((element) => element === element.ownerDocument.activeElement);
      await page.evaluate('document.activeElement?.blur()');
      for (let tabs = 0; tabs < 40 && !(await isThere()); tabs += 1) await page.keyboard.press('Tab');
      assert.ok(await isThere(), `${link} is not reached by Tab`);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: heading, exact: true }).first().waitFor();
      assert.equal(await overhang(), 0, link);
    }
    await page.context().close();
  });
}

for (const [name, browserOf] of [
  ['Chromium', () => chromium],
  ['Firefox', () => firefox],
] as const) {
  test(`${name}: whatever of a page has the focus is seen to have it`, async () => {
    const page = await open(browserOf(), `${sluice.rest}/play/demo`);
    await page.locator('sluice-player >> #live').waitFor();
    const focused = (): Promise<{ readonly name: string; readonly look: string }> =>
      page.evaluate(`(() => {
        let at = document.activeElement;
        while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
        const { outlineStyle } = getComputedStyle(at);
        // What lies over the video is seen; a shadow of what holds it would lie below.
        const { content, boxShadow } = getComputedStyle(at, '::after');
        const ring = content === 'none' ? 'none' : boxShadow;
        return { name: at.ariaLabel || at.textContent, look: outlineStyle === 'none' ? ring : outlineStyle };
      })()`);
    const names: string[] = [];
    for (let tabs = 0; tabs < 7; tabs += 1) {
      await page.keyboard.press('Tab');
      const { name, look } = await focused();
      assert.notEqual(look, 'none', name);
      names.push(name);
    }
    const controls = ['Live video: demo', 'Unmute', 'Stop', 'Unmute', 'Volume', 'Statistics', 'Picture in picture'];
    assert.deepEqual(names, controls);
    await page.context().close();
  });
}

test('from elsewhere a key is asked for, and the right one opens', async () => {
  const page = await open(chromium, `${strict.rest}/`);
  await page.getByRole('heading', { name: 'This console asks for an API key' }).waitFor();
  assert.deepEqual(await violationsOf(page), []);
  await page.getByLabel('API key').fill('a-wrong-key-of-16-chars');
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByText('The server does not accept this key').waitFor();
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByText('No stream yet').waitFor();
  await page.context().close();
});

for (const scheme of ['light', 'dark'] as const) {
  test(`every page is clean by axe-core, ${scheme}`, async () => {
    const page = await open(chromium, `${sluice.rest}/`, scheme);
    await page.getByText('Live', { exact: true }).waitFor();
    assert.deepEqual(await violationsOf(page), []);
    await page.getByRole('link', { name: 'demo', exact: true }).click();
    await page.getByText('Keyframes come often enough').waitFor();
    await page.getByText('pull.started').waitFor();
    assert.deepEqual(await violationsOf(page), []);
    await page.getByRole('link', { name: 'Supervision' }).click();
    await page.getByRole('cell', { name: 'stream demo' }).waitFor();
    assert.deepEqual(await violationsOf(page), []);
    await page.getByRole('link', { name: 'Configuration' }).click();
    await page.getByRole('heading', { name: 'webrtc' }).waitFor();
    assert.deepEqual(await violationsOf(page), []);
    await page.goto(`${sluice.rest}/play/demo`);
    await page.locator('sluice-player >> #live').waitFor();
    assert.deepEqual(await violationsOf(page), []);
    await page.context().close();
  });
}

test('so are the other pages that play, that of a stream that is gone, and that of the API', async () => {
  const page = await open(chromium, `${sluice.rest}/#/streams/none`);
  await page.getByRole('heading', { name: 'This stream no longer exists' }).waitFor();
  assert.deepEqual(await violationsOf(page), []);
  for (const path of ['embed/demo', 'player?name=demo', 'embed_player?streamName=demo', 'two_way_streaming']) {
    await page.goto(`${sluice.rest}/${path}`);
    await page.locator('video').first().waitFor();
    assert.deepEqual(await violationsOf(page), [], path);
  }
  await page.goto(`${sluice.rest}/api-docs`);
  await page.getByText('All streams, with state and reason').waitFor();
  // How Swagger UI nests its headings, landmarks and buttons is its own.
  const own = /^(heading-order|nested-interactive|region):/;
  assert.deepEqual(
    (await violationsOf(page)).filter((found) => !own.test(found)),
    [],
  );
  await page.context().close();
});

test('a node shows its cluster, clean by axe-core; a server without one shows nothing of it', async () => {
  const redis = await startRedisServer();
  ends.push(() => redis.stop());
  const node = await startSluice([
    `--rtmpOut.port=${await freePort()}`,
    `--cluster.redis=${redis.url}`,
    '--cluster.secret=a secret of the tests',
    '--cluster.node=hall',
    '--cluster.advertise=127.0.0.1',
  ]);
  ends.push(() => node.stop());
  await pull(node, 'rtmp://127.0.0.1:1/live/gate', 'gate');
  for (const scheme of ['light', 'dark'] as const) {
    const page = await open(chromium, `${node.rest}/`, scheme);
    await page.getByRole('link', { name: 'Cluster' }).click();
    await page.getByRole('cell', { name: 'hall (this one)' }).waitFor();
    await page.getByRole('row').filter({ hasText: 'gate' }).getByText('hall').waitFor();
    assert.deepEqual(await violationsOf(page), []);
    await page.context().close();
  }
  await redis.kill();
  const page = await open(chromium, `${node.rest}/#/cluster`);
  await page.getByText('No answer').waitFor();
  await page.goto(`${sluice.rest}/`);
  await page.getByText('Live', { exact: true }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Cluster' }).count(), 0);
  await page.context().close();
});

test('the page of the API has its calls, and tries one', async () => {
  const page = await open(chromium, `${sluice.rest}/api-docs`);
  await page.getByText('All streams, with state and reason').click();
  await page.getByRole('button', { name: 'Execute' }).first().click();
  await page.locator('.live-responses-table').getByText('"name": "demo"').waitFor();
  await page.context().close();
});
