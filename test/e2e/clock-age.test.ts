import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { startFirefox } from '../support/browser/firefox.js';
import { type Stage, setStage } from '../support/browser/stage.js';
import { watchAtOnce } from '../support/browser/viewer.js';
import { judged } from '../support/judged.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { type ClockOptions, publishClock } from '../support/source/clock-publisher.js';
import { until } from '../support/until.js';

let stage: Stage;
let firefox: Browser;

before(async () => {
  [stage, firefox] = await Promise.all([setStage(), startFirefox()]);
  stage.onEnd(() => firefox.close());
});
after(() => stage.end());

interface Clock extends ClockOptions {
  readonly name: string;
  readonly fps: number;
}

/** Pulled before it is published: nginx holds all back until a keyframe, and the first frame is one. */
async function start(t: TestContext, clock: Clock): Promise<void> {
  const { nginx, sluice } = stage;
  const url = nginx.url(clock.name);
  assert.equal((await pull(sluice, url, clock.name)).status, 200);
  const publisher = await publishClock(url, clock);
  t.after(() => publisher.stop());
  await whenStatus(sluice, clock.name, 'PROCESSED_REMOTE', 45_000);
}

/** Resolves in the third quarter of a GOP: the first frame began one. */
const middleOfGop = ({ name, gopSeconds, fps }: Clock): Promise<true> =>
  until('the middle of a GOP', async () => {
    const quarter = Math.floor((4 * (await statsOf(stage.sluice, name)).videoFrames) / (gopSeconds * fps)) % 4;
    return quarter === 2;
  });

async function assertYoung(t: TestContext, browser: Browser, clock: Clock): Promise<void> {
  const page = await (await browser.newContext()).newPage();
  await middleOfGop(clock);
  const viewer = await watchAtOnce(t, page, stage.pages.origin, `${stage.sluice.rest}/whep/${clock.name}`);
  await delay(3000 - viewer.firstFrameMs);
  const ageMs = await judged(t, {
    measure: () => viewer.frameAgeMs(9),
    isGood: (foundMs) => foundMs <= 500,
    words: (foundMs) => `the frame is ${foundMs} ms old`,
    windows: 1,
  });
  t.diagnostic(`first frame after ${viewer.firstFrameMs.toFixed(0)} ms, ${ageMs} ms old at 3 s`);
  await page.context().close();
}

test('640x360: 3 s after joining in the middle of a 4 s GOP the video is at most 500 ms old in both browsers', async (t) => {
  const clock = { name: 'small', gopSeconds: 4, fps: 30 } as const;
  await start(t, clock);
  await Promise.all([stage.browser, firefox].map((browser) => assertYoung(t, browser, clock)));
});

test('1920x1080: 3 s after joining in the middle of a 10 s GOP the video is at most 500 ms old in Chromium', async (t) => {
  const clock = { name: 'large', gopSeconds: 10, width: 1920, height: 1080, fps: 20 } as const;
  await start(t, clock);
  await assertYoung(t, stage.browser, clock);
});
