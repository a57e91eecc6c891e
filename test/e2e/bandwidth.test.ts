/**
 * What browsers tell of the packets of a rendition, and that its bitrate follows: a way that narrows and widens again, at
 * the relay that media goes by.
 */
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { Browser } from 'playwright-core';
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

let stage: Stage;
let firefox: Browser;

before(async () => {
  [stage, firefox] = await Promise.all([setStage(), startFirefox()]);
  stage.onEnd(() => firefox.close());
  for (const [name, bFrames] of [
    ['b', 3],
    ['plain', 0],
  ] as const) {
    const publisher = await publish(stage.nginx.url(name), { size: '640x360', bitrateKbps: 1200, fps, bFrames });
    stage.onEnd(() => publisher.stop());
  }
});
after(() => stage.end());

interface Playing {
  readonly viewer: Viewer;
  readonly relay: () => NarrowRelay;
}

/** A pull of its own of what is published. */
async function playing(source: 'b' | 'plain', name: string, browser: Browser): Promise<Playing> {
  const { sluice, nginx, pages } = stage;
  assert.equal((await pull(sluice, `${nginx.url(source)}?${encodeURIComponent(name)}`, name)).status, 200);
  await whenStatus(sluice, name, 'PROCESSED_REMOTE');
  let opened: NarrowRelay | null = null;
  const page = await (await browser.newContext()).newPage();
  const viewer = await watch(page, pages.origin, `${sluice.rest}/whep/${encodeURIComponent(name)}`, {
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

async function leave(name: string, { page }: Viewer): Promise<void> {
  await page.context().close();
  assert.equal((await stage.sluice.post('/rest-api/pull/rtmp/terminate', { localStreamName: name })).status, 200);
}

async function estimateOf(name: string): Promise<readonly [kind: string | null, kbps: number | null]> {
  const { viewers } = await statsOf(stage.sluice, name);
  return [viewers[0]?.estimateKind ?? null, viewers[0]?.estimateKbps ?? null];
}

async function bitrateOf(name: string): Promise<number> {
  const { renditions } = await statsOf(stage.sluice, name);
  return renditions[0]?.bitrateKbps ?? assert.fail('no rendition');
}

const browsers = [
  { browser: 'Chromium', browserOf: () => stage.browser },
  { browser: 'Firefox', browserOf: () => firefox },
] as const;

describe("a rendition's bitrate follows what the viewer reports of its packets", {
  concurrency: browsers.length,
}, () => {
  for (const { browser, browserOf } of browsers) {
    test(browser, async (t: TestContext) => {
      const name = `narrow for ${browser}`;
      const { viewer, relay } = await playing('b', name, browserOf());
      await until('an estimate', async () => (await estimateOf(name))[0] === 'transport-cc');
      await assertDecodes(t, viewer, { forMs: measuredMs, least: 0.98, fps });
      // A browser that others hold up looks like a way that is narrow, until it has been read for a while.
      const wide = await until(
        'more than a narrow way takes',
        async () => {
          const kbps = await bitrateOf(name);
          return kbps > narrowKbps && kbps;
        },
        30_000,
      );

      relay().kbps = narrowKbps;
      await until('less on a narrow way', async () => (await bitrateOf(name)) < narrowKbps, 10_000);
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
        measure: () => estimateOf(name),
        isGood: ([, found]) => found !== null && found >= 0.4 * narrowKbps && found <= 1.3 * narrowKbps,
        words: ([, found]) => `an estimate of ${found} kbit/s`,
        windows: 1,
      });
      assert.equal(kind, 'transport-cc');
      assert.ok(kbps !== null && kbps > 0);

      relay().kbps = wideKbps;
      // It was not there within 60 s once, on a slow machine.
      await until('as much as before', async () => (await bitrateOf(name)) >= 0.9 * wide, 150_000);
      await leave(name, viewer);
    });
  }
});

describe("where the source's own video passes, packets have no numbers and the viewer says what it can take", {
  concurrency: browsers.length,
}, () => {
  for (const { browser, browserOf } of browsers) {
    test(browser, async (t) => {
      const name = `passed to ${browser}`;
      const { viewer } = await playing('plain', name, browserOf());
      const [, kbps] = await until('an estimate', async () => {
        const estimate = await estimateOf(name);
        return estimate[0] === 'remb' && estimate;
      });
      assert.ok((kbps ?? 0) > 0);
      await assertDecodes(t, viewer, { forMs: measuredMs, least: 0.98, fps });
      assert.equal((await estimateOf(name))[0], 'remb');
      await leave(name, viewer);
    });
  }
});
