/**
 * What browsers tell of the packets of a rendition, and that its bitrate follows: a way that narrows and widens again, at
 * the relay that media goes by.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startChromium } from '../support/browser/chromium.js';
import { startFirefox } from '../support/browser/firefox.js';
import { type Stage, setStage } from '../support/browser/stage.js';
import { assertDecodes, shareDecoded, type Viewer, watch } from '../support/browser/viewer.js';
import { judged } from '../support/judged.js';
import { type NarrowRelay, openNarrowRelay } from '../support/network/narrow-relay.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

const fps = 30;
const measuredMs = 5000;
const wideKbps = 50_000;
const narrowKbps = 700;

async function playing(stage: Stage, bFrames: number): Promise<{ viewer: Viewer; relay: () => NarrowRelay }> {
  const publisher = await publish(stage.nginx.url('cam'), { size: '640x360', bitrateKbps: 1200, fps, bFrames });
  stage.onEnd(() => publisher.stop());
  assert.equal((await pull(stage.sluice, stage.nginx.url('cam'), 'cam')).status, 200);
  await whenStatus(stage.sluice, 'cam', 'PROCESSED_REMOTE');
  let opened: NarrowRelay | null = null;
  const viewer = await watch(await stage.tab(), stage.pages.origin, `${stage.sluice.rest}/whep/cam`, {
    relay: async (address, port) => {
      const relay = await openNarrowRelay(address, port, wideKbps);
      stage.onEnd(async () => relay.close());
      opened = relay;
      return relay.port;
    },
  });
  await until('the first second', async () => (await viewer.stats()).framesDecoded > fps);
  return { viewer, relay: () => opened ?? assert.fail('media goes another way') };
}

async function estimateOf(stage: Stage): Promise<readonly [kind: string | null, kbps: number | null]> {
  const { viewers } = await statsOf(stage.sluice, 'cam');
  return [viewers[0]?.estimateKind ?? null, viewers[0]?.estimateKbps ?? null];
}

async function bitrateOf(stage: Stage): Promise<number> {
  const { renditions } = await statsOf(stage.sluice, 'cam');
  return renditions[0]?.bitrateKbps ?? assert.fail('no rendition');
}

for (const { name, launch } of [
  { name: 'Chromium', launch: startChromium },
  { name: 'Firefox', launch: startFirefox },
] as const) {
  test(`${name}: a rendition's bitrate follows what the viewer reports of its packets`, async (t: TestContext) => {
    const stage = await setStage({ launch });
    t.after(() => stage.end());
    const { viewer, relay } = await playing(stage, 3);
    await until('an estimate', async () => (await estimateOf(stage))[0] === 'transport-cc');
    await assertDecodes(t, viewer, { forMs: measuredMs, least: 0.98, fps });
    const wide = await bitrateOf(stage);
    assert.ok(wide > narrowKbps, `${wide} kbit/s on a wide way`);

    relay().kbps = narrowKbps;
    await until('less on a narrow way', async () => (await bitrateOf(stage)) < narrowKbps, 10_000);
    await until('a queue that is empty again', () => relay().queueMs < 100, 20_000);
    await judged(t, {
      async measure() {
        const { dropped } = relay();
        const share = await shareDecoded(viewer, measuredMs, fps);
        return { share, dropped: relay().dropped - dropped };
      },
      isGood: ({ share, dropped }) => share >= 0.95 && dropped === 0,
      words: ({ share, dropped }) =>
        `${(share * 100).toFixed(1)} % of the frames decoded on a narrow way, ${dropped} packets dropped in its narrow place`,
    });
    const [kind, kbps] = await judged(t, {
      measure: () => estimateOf(stage),
      isGood: ([, found]) => found !== null && found >= 0.4 * narrowKbps && found <= 1.3 * narrowKbps,
      words: ([, found]) => `an estimate of ${found} kbit/s`,
      windows: 1,
    });
    assert.equal(kind, 'transport-cc');
    assert.ok(kbps !== null && kbps > 0);

    relay().kbps = wideKbps;
    await until('as much as before', async () => (await bitrateOf(stage)) >= 0.9 * wide, 60_000);
  });

  test(`${name}: where the source's own video passes, packets have no numbers and the viewer says what it can take`, async (t) => {
    const stage = await setStage({ launch });
    t.after(() => stage.end());
    const { viewer } = await playing(stage, 0);
    const [, kbps] = await until('an estimate', async () => {
      const estimate = await estimateOf(stage);
      return estimate[0] === 'remb' && estimate;
    });
    assert.ok((kbps ?? 0) > 0);
    await assertDecodes(t, viewer, { forMs: measuredMs, least: 0.98, fps });
    assert.equal((await estimateOf(stage))[0], 'remb');
  });
}
