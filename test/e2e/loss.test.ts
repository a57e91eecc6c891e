import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startChromium } from '../support/browser/chromium.js';
import { startFirefox } from '../support/browser/firefox.js';
import { setStage } from '../support/browser/stage.js';
import { watch } from '../support/browser/viewer.js';
import { judged } from '../support/judged.js';
import { openLossyRelay } from '../support/network/lossy-relay.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
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
    await judged(t, {
      async measure() {
        const first = await viewer.stats();
        await delay(measuredMs);
        const last = await viewer.stats();
        const expected = ((last.atMs - first.atMs) * fps) / 1000;
        const share = (last.framesDecoded - first.framesDecoded) / expected;
        return { share, freezes: last.freezeCount - first.freezeCount };
      },
      isGood: ({ share, freezes }) => share >= 0.97 && freezes === 0,
      words: ({ share, freezes }) => `${(share * 100).toFixed(1)} % of the frames decoded, ${freezes} freezes`,
    });
    // Packets sent again as they were would fill the gaps of the stream itself: these are filled from beside it.
    const { packetsLost } = await viewer.stats();
    assert.ok(packetsLost >= 40, `only ${packetsLost} packets of the frames got lost`);
    const [sent] = (await statsOf(stage.sluice, 'cam')).viewers;
    assert.ok((sent?.packetsResent ?? 0) >= 0.9 * packetsLost, `${sent?.packetsResent} of ${packetsLost} sent again`);
  });
}
