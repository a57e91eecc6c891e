import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startFirefox } from '../support/firefox.js';
import { publish } from '../support/publisher.js';
import { pull, statsOf, whenStatus } from '../support/pulls.js';
import { type Stage, setStage } from '../support/stage.js';
import { measured, until } from '../support/until.js';
import { watch } from '../support/viewer.js';

const fps = 30;
const measuredMs = 6000;
let stage: Stage;

before(async () => {
  stage = await setStage();
  const publisher = await publish(stage.nginx.url('b'), { size: '640x360', bitrateKbps: 1000, bFrames: 3 });
  stage.onEnd(() => publisher.stop());
  assert.equal((await pull(stage.sluice, stage.nginx.url('b'), 'b')).status, 200);
  await whenStatus(stage.sluice, 'b', 'PROCESSED_REMOTE');
});
after(() => stage.end());

for (const browser of ['Chromium', 'Firefox'] as const) {
  test(`a stream with B-frames plays whole in ${browser}, encoded again while somebody watches`, async (t) => {
    const { sluice, pages } = stage;
    assert.equal((await statsOf(sluice, 'b')).videoWay.kind, 'reencode');
    const firefox = browser === 'Firefox' ? await startFirefox() : null;
    t.after(() => firefox?.close());
    const page = firefox === null ? await stage.tab() : await firefox.newPage();
    const viewer = await watch(page, pages.origin, `${sluice.rest}/whep/b`);
    await until('the first second', async () => (await viewer.stats()).framesDecoded > fps);
    const share = await measured(
      async () => {
        const first = await viewer.stats();
        await delay(measuredMs);
        const last = await viewer.stats();
        return (last.framesDecoded - first.framesDecoded) / (((last.atMs - first.atMs) * fps) / 1000);
      },
      (shown) => shown >= 0.98,
    );
    assert.ok(share >= 0.98, `${(share * 100).toFixed(1)} % of the frames decoded`);
    const last = await viewer.stats();
    assert.equal(last.packetsLost, 0);
    assert.deepEqual([last.width, last.height], [640, 360]);
    const stats = await statsOf(sluice, 'b');
    assert.equal(stats.renditions.length, 1);
    assert.equal(await page.evaluate('leave()'), 200);
    await page.close();
    await until(
      'no rendition without viewers',
      async () => (await statsOf(sluice, 'b')).renditions.length === 0,
      60_000,
    );
  });
}
