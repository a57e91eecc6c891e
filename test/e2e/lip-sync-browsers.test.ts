/** Lips and audio as they are seen and heard in browsers: what is out by the server's doing (docs/media.md 9). */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { startFirefox } from '../support/browser/firefox.js';
import { type LipSync, measureLive, measureRecorded } from '../support/browser/lip-sync-page.js';
import { type Stage, setStage } from '../support/browser/stage.js';
import { watch } from '../support/browser/viewer.js';
import { judged } from '../support/judged.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

const seconds = 8;
const limitMs = 40;
/** A source that is late by so much shows that the measure can see it. */
const lateMs = 120;
const sources = [
  { name: 'even', beepLateMs: 0 },
  { name: 'late', beepLateMs: lateMs },
] as const;
let stage: Stage;
let firefox: Browser;

before(async () => {
  [stage, firefox] = await Promise.all([setStage(), startFirefox()]);
  const { nginx, sluice } = stage;
  stage.onEnd(() => firefox.close());
  for (const { name, beepLateMs } of sources) {
    const small = { size: '320x180', gopFrames: 30, bitrateKbps: 300, hasFlashes: true } as const;
    const publisher = await publish(nginx.url(name), { ...small, beepLateMs });
    stage.onEnd(() => publisher.stop());
    assert.equal((await pull(sluice, nginx.url(name), name)).status, 200);
    await whenStatus(sluice, name, 'PROCESSED_REMOTE');
  }
});
after(() => stage.end());

const browsers = [
  { browser: 'Chromium', open: () => stage.browser.newContext(), measure: measureLive },
  { browser: 'Firefox', open: () => firefox.newContext(), measure: measureRecorded },
] as const;

/** All at a time: small pictures leave both browsers room. */
describe(`beeps are heard as far behind their flashes as the source has them, within ${limitMs} ms`, {
  concurrency: true,
}, () => {
  for (const { name, beepLateMs } of sources) {
    for (const { browser, open, measure } of browsers) {
      test(`${browser}, a source that has them ${beepLateMs} ms behind`, async (t) => {
        const page = await (await open()).newPage();
        const viewer = await watch(page, stage.pages.origin, `${stage.sluice.rest}/whep/${name}`);
        // By then the browser has brought both tracks together as well as it will.
        await until('four seconds of audio', async () => (await viewer.stats()).audioSamples > 4 * 48_000);
        const words = ({ beeps, behindMs, browserMs, serverMs }: LipSync): string =>
          `${beeps} beeps, ${behindMs.toFixed(0)} ms behind, ${browserMs} ms of them the browser's own: ${serverMs.toFixed(0)} ms`;
        const found = await judged(t, {
          measure: () => measure(page, seconds),
          isGood: ({ beeps, serverMs }) => beeps >= seconds && Math.abs(serverMs - beepLateMs) <= limitMs,
          words,
        });
        t.diagnostic(words(found));
        await page.context().close();
      });
    }
  }
});
