import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startChromium } from '../support/browser/chromium.js';
import { startFirefox } from '../support/browser/firefox.js';
import { type Stage, setStage } from '../support/browser/stage.js';
import { watch } from '../support/browser/viewer.js';
import { judged } from '../support/judged.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { startNodeMediaServer } from '../support/source/node-media-server.js';
import { type EnhancedCodecs, publishEnhanced } from '../support/source/publisher.js';
import type { RtmpServer } from '../support/source/rtmp-server.js';
import { until } from '../support/until.js';

const measuredMs = 4000;
const launches = { Chromium: startChromium, Firefox: startFirefox } as const;
const browsers = ['Chromium', 'Firefox'] as const;
const stages = new Map<string, Stage>();
let server: RtmpServer;

before(async () => {
  server = await startNodeMediaServer();
  for (const browser of browsers) stages.set(browser, await setStage({ launch: launches[browser] }));
});
after(async () => {
  for (const stage of stages.values()) await stage.end();
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

for (const browser of browsers) {
  for (const one of cases) {
    const alone = one.only === undefined ? '' : `, which offers ${one.only} alone,`;
    test(`a stream of ${one.name} plays in ${browser}${alone} as ${one.decoded}`, (t) => play(t, browser, one));
  }
}

async function play(t: TestContext, browser: string, { name, codecs, only, decoded, renditions }: Case): Promise<void> {
  const stage = stages.get(browser);
  assert.ok(stage !== undefined);
  const { sluice, pages } = stage;
  const [local, url] = [`${name}-${browser}`, server.url(`${name}-${browser}`)];
  const publisher = await publishEnhanced(url, codecs);
  stage.onEnd(() => publisher.stop());
  assert.equal((await pull(sluice, url, local)).status, 200);
  await whenStatus(sluice, local, 'PROCESSED_REMOTE');
  const wish = only === undefined ? {} : { only };
  const viewer = await watch(await stage.tab(), pages.origin, `${sluice.rest}/whep/${local}`, wish);
  await until('the first second', async () => (await viewer.stats()).framesDecoded > 20);
  await judged(t, {
    async measure() {
      const [first, before] = [await viewer.stats(), await statsOf(sluice, local)];
      await delay(measuredMs);
      const [last, now] = [await viewer.stats(), await statsOf(sluice, local)];
      // The two figures are not of the same moment: two frames more or less say nothing.
      return (last.framesDecoded - first.framesDecoded + 2) / (now.videoFrames - before.videoFrames);
    },
    isGood: (share) => share >= 0.95,
    words: (share) => `${(share * 100).toFixed(1)} % of the frames decoded`,
  });
  const [last, now] = [await viewer.stats(), await statsOf(sluice, local)];
  assert.equal(last.packetsLost, 0);
  assert.equal(last.codec, decoded);
  assert.equal(now.renditions.length, renditions);
  assert.equal(await viewer.page.evaluate('leave()'), 200);
  await viewer.page.close();
  await publisher.stop();
}
