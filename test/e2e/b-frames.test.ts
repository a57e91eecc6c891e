/** H.264 with and without B-frames in both browsers: every frame of the source is shown. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { startFirefox } from '../support/browser/firefox.js';
import { type Stage, setStage } from '../support/browser/stage.js';
import { assertArrived, assertDecodes, watch } from '../support/browser/viewer.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { type PublishOptions, publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

const fps = 30;
const measuredMs = 5000;
const size = { size: '640x360', bitrateKbps: 1000 } as const;
let stage: Stage;
let firefox: Browser;

interface Case {
  readonly what: string;
  readonly name: string;
  readonly options: PublishOptions;
  readonly way: 'pass' | 'reencode';
}

const cases: readonly Case[] = [
  { what: 'no B-frames', name: 'plain', options: { profile: 'high' }, way: 'pass' },
  { what: 'B-frames in a pyramid', name: 'pyramid', options: { bFrames: 3 }, way: 'reencode' },
  // Keyframes that are no IDR: who joins late sees no other.
  { what: 'B-frames over open GOPs', name: 'open', options: { bFrames: 3, isOpenGop: true }, way: 'reencode' },
];

before(async () => {
  [stage, firefox] = await Promise.all([setStage(), startFirefox()]);
  stage.onEnd(() => firefox.close());
});
after(() => stage.end());

for (const { what, name, options, way } of cases) {
  test(`a stream with ${what} plays whole in Chromium and Firefox: ${way}`, async (t) => {
    const { nginx, sluice, pages } = stage;
    const publisher = await publish(nginx.url(name), { ...size, ...options });
    t.after(() => publisher.stop());
    assert.equal((await pull(sluice, nginx.url(name), name)).status, 200);
    await whenStatus(sluice, name, 'PROCESSED_REMOTE');
    const play = async (browser: Browser): Promise<void> => {
      const page = await (await browser.newContext()).newPage();
      const viewer = await watch(page, pages.origin, `${sluice.rest}/whep/${name}`);
      // The cached frames came in a burst before.
      await until('the first second', async () => (await viewer.stats()).framesDecoded > fps);
      await assertDecodes(t, viewer, { forMs: measuredMs, least: 0.98, fps });
      const last = await viewer.stats();
      assertArrived(t, last);
      assert.deepEqual([last.width, last.height], [640, 360]);
      const stats = await statsOf(sluice, name);
      assert.deepEqual([stats.videoPath.kind, stats.renditions.length], [way, way === 'pass' ? 0 : 1]);
      assert.equal(await page.evaluate('leave()'), 200);
      await page.context().close();
    };
    await Promise.all([stage.browser, firefox].map(play));
  });
}

test('a while behind its last viewer a stream has no rendition', async () => {
  for (const { name } of cases) {
    await until(`none of ${name}`, async () => (await statsOf(stage.sluice, name)).renditions.length === 0);
  }
});
