import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startChromium } from '../support/browser/chromium.js';
import { startFirefox } from '../support/browser/firefox.js';
import { setStage } from '../support/browser/stage.js';
import { watch } from '../support/browser/viewer.js';
import { openLossyRelay } from '../support/network/lossy-relay.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

const fps = 30;
const measuredMs = 6000;
/** 5 % of all media, the packets sent again included. */
const nth = 20;

for (const { name, launch } of [
  { name: 'Chromium', launch: startChromium },
  { name: 'Firefox', launch: startFirefox },
] as const) {
  test(`${name} plays on through 5 % loss, repaired by a stream of its own`, async (t) => {
    const stage = await setStage({ launch });
    t.after(() => stage.end());
    const publisher = await publish(stage.nginx.url('cam'), { fps });
    stage.onEnd(() => publisher.stop());
    assert.equal((await pull(stage.sluice, stage.nginx.url('cam'), 'cam')).status, 200);
    await whenStatus(stage.sluice, 'cam', 'PROCESSED_REMOTE');
    const viewer = await watch(await stage.tab(), stage.pages.origin, `${stage.sluice.rest}/whep/cam`, {
      relay: async (address, port) => {
        const relay = await openLossyRelay(address, port, nth);
        stage.onEnd(async () => relay.close());
        return relay.port;
      },
    });
    await until('the first second', async () => (await viewer.stats()).framesDecoded > fps);
    const first = await viewer.stats();
    await delay(measuredMs);
    const last = await viewer.stats();
    // Packets sent again as they were would fill the gaps of the stream itself: these are filled from beside it.
    const gaps = last.packetsLost - first.packetsLost;
    assert.ok(gaps >= 40, `only ${gaps} packets of the picture got lost`);
    const expected = ((last.atMs - first.atMs) * fps) / 1000;
    const decoded = last.framesDecoded - first.framesDecoded;
    assert.ok(decoded >= 0.97 * expected, `${decoded} of ${expected.toFixed(0)} frames decoded`);
    assert.equal(last.freezeCount - first.freezeCount, 0, 'freezes');
  });
}
