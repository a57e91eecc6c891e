import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type NodeMediaServer, startNodeMediaServer } from '../support/node-media-server.js';
import { type EnhancedCodecs, publishEnhanced } from '../support/publisher.js';
import { pull, statsOf, whenStatus } from '../support/pulls.js';
import { type Stage, setStage } from '../support/stage.js';
import { until } from '../support/until.js';
import { watch } from '../support/viewer.js';

const measuredMs = 4000;
let stage: Stage;
let server: NodeMediaServer;

before(async () => {
  stage = await setStage();
  server = await startNodeMediaServer();
  stage.onEnd(() => server.stop());
});
after(() => stage.end());

interface Case {
  readonly name: string;
  readonly codecs: EnhancedCodecs;
  /** As Chromium names what it decodes. */
  readonly decoded: string;
  /** All that the viewer offers. */
  readonly only?: string;
  readonly renditions: number;
}

/** Debian's Chromium decodes AV1 and VP9, and offers no H.265. */
const cases: readonly Case[] = [
  { name: 'HEVC', codecs: { video: 'libx265', audio: 'libopus' }, decoded: 'video/H264', renditions: 1 },
  { name: 'AV1', codecs: { video: 'libsvtav1', audio: 'aac' }, decoded: 'video/AV1', renditions: 0 },
  { name: 'H264', codecs: { video: 'libx264', audio: 'aac' }, only: 'video/VP8', decoded: 'video/VP8', renditions: 1 },
  { name: 'VP9', codecs: { video: 'libvpx-vp9', audio: 'aac' }, decoded: 'video/VP9', renditions: 0 },
];

for (const { name, codecs, only, decoded, renditions } of cases) {
  test(`a stream of ${name} plays in Chromium${only === undefined ? '' : `, which offers ${only} alone,`} as ${decoded}`, async () => {
    const { sluice, pages } = stage;
    const publisher = await publishEnhanced(server.url(name), codecs);
    stage.onEnd(() => publisher.stop());
    assert.equal((await pull(sluice, server.url(name), name)).status, 200);
    await whenStatus(sluice, name, 'PROCESSED_REMOTE');
    const wish = only === undefined ? {} : { only };
    const viewer = await watch(await stage.tab(), pages.origin, `${sluice.rest}/whep/${name}`, wish);
    await until('the first second', async () => (await viewer.stats()).framesDecoded > 20);
    const [first, before] = [await viewer.stats(), await statsOf(sluice, name)];
    await delay(measuredMs);
    const [last, now] = [await viewer.stats(), await statsOf(sluice, name)];
    const shown = last.framesDecoded - first.framesDecoded;
    const received = now.videoFrames - before.videoFrames;
    assert.ok(shown >= 0.95 * received - 2, `${shown} of ${received} frames decoded`);
    assert.equal(last.packetsLost, 0);
    assert.equal(last.codec, decoded);
    assert.equal(now.renditions.length, renditions);
    assert.equal(await viewer.page.evaluate('leave()'), 200);
    await viewer.page.close();
    await publisher.stop();
  });
}
