import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { startFirefox } from '../support/browser/firefox.js';
import { type Stage, setStage } from '../support/browser/stage.js';
import { assertArrived, type Viewer, watch } from '../support/browser/viewer.js';
import { judged } from '../support/judged.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { startNodeMediaServer } from '../support/source/node-media-server.js';
import { type EnhancedCodecs, publishEnhanced } from '../support/source/publisher.js';
import type { RtmpServer } from '../support/source/rtmp-server.js';
import { until } from '../support/until.js';

const measuredMs = 4000;
let stage: Stage;
let firefox: Browser;
let server: RtmpServer;

before(async () => {
  [server, stage, firefox] = await Promise.all([startNodeMediaServer(), setStage(), startFirefox()]);
  stage.onEnd(() => firefox.close());
});
after(async () => {
  await stage.end();
  await server.stop();
});

interface Case {
  readonly name: string;
  readonly codecs: EnhancedCodecs;
  /** As browsers name what they decode. */
  readonly decoded: string;
  /** All that the viewer offers. */
  readonly only?: string;
  readonly renditions: number;
}

/** Debian's Chromium and Firefox decode AV1 and VP9, and offer no H.265. */
const cases: readonly Case[] = [
  { name: 'HEVC', codecs: { video: 'libx265', audio: 'libopus' }, decoded: 'video/H264', renditions: 1 },
  { name: 'AV1', codecs: { video: 'libsvtav1', audio: 'aac' }, decoded: 'video/AV1', renditions: 0 },
  { name: 'H264', codecs: { video: 'libx264', audio: 'aac' }, only: 'video/VP8', decoded: 'video/VP8', renditions: 1 },
  { name: 'VP9', codecs: { video: 'libvpx-vp9', audio: 'aac' }, decoded: 'video/VP9', renditions: 0 },
];

for (const one of cases) {
  const alone = one.only === undefined ? '' : `, which offer ${one.only} alone,`;
  test(`a stream of ${one.name} plays in Chromium and Firefox${alone} as ${one.decoded}`, async (t) => {
    const { name, codecs, renditions } = one;
    const publisher = await publishEnhanced(server.url(name), codecs);
    t.after(() => publisher.stop());
    assert.equal((await pull(stage.sluice, server.url(name), name)).status, 200);
    await whenStatus(stage.sluice, name, 'PROCESSED_REMOTE');
    const viewers = await Promise.all([stage.browser, firefox].map((browser) => play(t, browser, one)));
    assert.equal((await statsOf(stage.sluice, name)).renditions.length, renditions, 'one for both of them');
    for (const { page } of viewers) {
      assert.equal(await page.evaluate('leave()'), 200);
      await page.context().close();
    }
    assert.equal((await stage.sluice.post('/rest-api/pull/rtmp/terminate', { uri: server.url(name) })).status, 200);
  });
}

async function play(t: TestContext, browser: Browser, { name, only, decoded }: Case): Promise<Viewer> {
  const { sluice, pages } = stage;
  const wish = only === undefined ? {} : { only };
  const page = await (await browser.newContext()).newPage();
  const viewer = await watch(page, pages.origin, `${sluice.rest}/whep/${name}`, wish);
  await until('the first second', async () => (await viewer.stats()).framesDecoded > 20);
  await judged(t, {
    async measure() {
      const [first, before] = [await viewer.stats(), await statsOf(sluice, name)];
      await delay(measuredMs);
      const [last, now] = [await viewer.stats(), await statsOf(sluice, name)];
      // The two figures are not of the same moment: two frames more or less say nothing.
      return (last.framesDecoded - first.framesDecoded + 2) / (now.videoFrames - before.videoFrames);
    },
    isGood: (share) => share >= 0.95,
    words: (share) => `${(share * 100).toFixed(1)} % of the frames decoded`,
  });
  const last = await viewer.stats();
  assertArrived(t, last);
  assert.equal(last.codec, decoded);
  return viewer;
}
