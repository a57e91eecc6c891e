import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { startFirefox } from '../support/browser/firefox.js';
import { type Stage, setStage } from '../support/browser/stage.js';
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

let stage: Stage;
let firefox: Browser;

before(async () => {
  [stage, firefox] = await Promise.all([setStage(), startFirefox()]);
  stage.onEnd(() => firefox.close());
  // As many packets as of a larger picture, which would take more to decode.
  const publisher = await publish(stage.nginx.url('cam'), { fps, size: '640x360', bitrateKbps: 2500 });
  stage.onEnd(() => publisher.stop());
  assert.equal((await pull(stage.sluice, stage.nginx.url('cam'), 'cam')).status, 200);
  await whenStatus(stage.sluice, 'cam', 'PROCESSED_REMOTE');
});
after(() => stage.end());

describe('5 % loss is repaired by a stream of its own', { concurrency: true }, () => {
  for (const [name, browserOf] of [
    ['Chromium', () => stage.browser],
    ['Firefox', () => firefox],
  ] as const) {
    test(`${name} plays on through it`, async (t) => {
      const page = await (await browserOf().newContext()).newPage();
      const viewer = await watch(page, stage.pages.origin, `${stage.sluice.rest}/whep/cam`, {
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
      const { viewers } = await statsOf(stage.sluice, 'cam');
      const { packetsResent = 0 } = viewers.find(({ viewerId }) => viewer.session.endsWith(viewerId)) ?? {};
      assert.ok(packetsResent >= 0.9 * packetsLost, `${packetsResent} of ${packetsLost} sent again`);
    });
  }
});
