/** Native code that aborts ends the whole process: its parent starts it again, and what was wanted comes back by itself. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { startChromium } from '../support/browser/chromium.js';
import { judged } from '../support/judged.js';
import { freePort } from '../support/server/free-port.js';
import { findAll, pull, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { startOrigin, type TestOrigin } from '../support/source/origin.js';
import { until, within } from '../support/until.js';

const folder = mkdtempSync(join(tmpdir(), 'sluice-crash-'));
const file = join(folder, 'pulls.json');
let origin: TestOrigin;
let browser: Browser;
let sluice: RunningSluice;

before(async () => {
  origin = await startOrigin();
  browser = await startChromium();
  const flags = [`--pulls.stateFile=${file}`, `--server.restPort=${await freePort()}`];
  sluice = await startSluice(flags, '.', [], 'parent');
});
after(async () => {
  await sluice.stop();
  await browser.close();
  await origin.close();
  rmSync(folder, { recursive: true });
});

/** What the player page tells, in order. */
const phases = `(() => {
  const status = document.getElementById('status');
  window.phases = [status.dataset.phase];
  new MutationObserver(() => window.phases.push(status.dataset.phase)).observe(status, { attributes: true });
})()`;

test('an abort brings back every stream, those with viewers first, and the page plays on by itself', async (t) => {
  for (const name of ['alone', 'watched']) {
    assert.equal((await pull(sluice, origin.url(name), name)).status, 200);
    await whenStatus(sluice, name, 'PROCESSED_REMOTE');
  }
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${sluice.rest}/player?name=watched`);
  const plays = (): Promise<boolean> =>
    until('it plays', () => page.evaluate<boolean>('document.querySelector("video").currentTime > 1'), 30_000);
  await plays();
  await page.evaluate(phases);
  await until('its viewer is noted', () => /"viewers": 1/.test(readFileSync(file, 'utf8')));
  assert.equal(statSync(file).mode & 0o777, 0o600);

  await judged(t, {
    async measure() {
      const abortedMs = performance.now();
      // The answer may be too late.
      await sluice.post('/api/fault', { name: 'alone', fault: 'abort' }).catch(() => null);
      await until('it is down', () => sluice.child.lines.some((line) => /unexpectedly \(SIGABRT\)/.test(line)));
      await sluice.logged('pulls.restored');
      for (const name of ['alone', 'watched']) await whenStatus(sluice, name, 'PROCESSED_REMOTE');
      return performance.now() - abortedMs;
    },
    isGood: (tookMs) => tookMs <= 5000,
    words: (tookMs) => `the streams were back after ${Math.round(tookMs)} ms`,
    windows: 1,
  });
  const started = sluice.log().filter(({ event }) => event === 'pull.started');
  assert.deepEqual(
    started.map(({ name }) => name),
    ['alone', 'watched', 'watched', 'alone'],
  );
  const backMs = performance.now();
  const isAgain = 'window.phases.includes("connecting") && window.phases.at(-1) === "playing"';
  await until('the page is connected again', () => page.evaluate<boolean>(isAgain), 30_000);
  await plays();
  t.diagnostic(`the page played ${Math.round(performance.now() - backMs)} ms after the streams were back`);
});

test('SIGTERM leaves what was wanted for the next start', async () => {
  assert.equal(await sluice.stop(), 0);
  assert.match(readFileSync(file, 'utf8'), /"watched"[\s\S]*"alone"/);
  const flags = [`--pulls.stateFile=${file}`];
  sluice = await startSluice(flags, '.', [], 'parent');
  for (const name of ['alone', 'watched']) await whenStatus(sluice, name, 'PROCESSED_REMOTE');
});

test('a drain by REST refuses new work until it is taken back, and ends the process and its parent with 0', async () => {
  const drain = (method: string): Promise<Response> => fetch(`${sluice.rest}/api/drain`, { method });
  assert.equal((await drain('POST')).status, 200);
  assert.equal((await pull(sluice, origin.url('late'), 'late')).status, 503);
  assert.equal((await fetch(`${sluice.rest}/readyz`)).status, 503);
  assert.equal((await drain('DELETE')).status, 200);
  assert.equal((await pull(sluice, origin.url('late'), 'late')).status, 200);
  await until('it plays', async () =>
    (await findAll(sluice)).some(({ localStreamName }) => localStreamName === 'late'),
  );
  assert.equal((await drain('POST')).status, 200);
  assert.equal(await within('the end', sluice.child.exited, 10_000), 0);
});
