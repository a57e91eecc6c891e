import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startChromium } from '../support/browser/chromium.js';
import { startFirefox } from '../support/browser/firefox.js';
import { setStage } from '../support/browser/stage.js';
import { watchAtOnce } from '../support/browser/viewer.js';
import { judged } from '../support/judged.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import type { RunningSluice } from '../support/server/sluice.js';
import { publishClock } from '../support/source/clock-publisher.js';

/** Packets since the newest keyframe: how far the GOP has come. */
const gopPackets = async (sluice: RunningSluice): Promise<number> => (await statsOf(sluice, 'clock')).gopPackets;

/** Resolves in the middle of a GOP. */
async function middleOfGop(sluice: RunningSluice, gopSeconds: number): Promise<void> {
  let last = await gopPackets(sluice);
  for (;;) {
    await delay(100);
    const now = await gopPackets(sluice);
    if (now < last) break;
    last = now;
  }
  await delay(500 * gopSeconds);
}

const cases = [
  { name: 'Chromium, 640x360', launch: startChromium, clock: { gopSeconds: 4 } },
  { name: 'Firefox, 640x360', launch: startFirefox, clock: { gopSeconds: 4 } },
  { name: 'Chromium, 1920x1080', launch: startChromium, clock: { gopSeconds: 10, width: 1920, height: 1080, fps: 20 } },
] as const;
for (const { name, launch, clock } of cases) {
  const { gopSeconds } = clock;
  test(`${name}: 3 s after joining in the middle of a ${gopSeconds} s GOP the video is at most 500 ms old`, async (t) => {
    const stage = await setStage({ launch });
    t.after(() => stage.end());
    const { nginx, sluice, pages } = stage;
    const publisher = await publishClock(nginx.url('clock'), clock);
    stage.onEnd(() => publisher.stop());
    assert.equal((await pull(sluice, nginx.url('clock'), 'clock')).status, 200);
    // nginx holds all back until a keyframe, which may take a whole group and some attempts.
    await whenStatus(sluice, 'clock', 'PROCESSED_REMOTE', 45_000);
    const page = await stage.tab();
    await middleOfGop(sluice, gopSeconds);
    const viewer = await watchAtOnce(t, page, pages.origin, `${sluice.rest}/whep/clock`);
    await delay(3000 - viewer.firstFrameMs);
    const ageMs = await judged(t, {
      measure: () => viewer.frameAgeMs(9),
      isGood: (foundMs) => foundMs <= 500,
      words: (foundMs) => `the frame is ${foundMs} ms old`,
      windows: 1,
    });
    t.diagnostic(`first frame after ${viewer.firstFrameMs.toFixed(0)} ms, ${ageMs} ms old at 3 s`);
  });
}
