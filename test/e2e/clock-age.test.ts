import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { publishClock } from '../support/clock-publisher.js';
import { pull, statsOf, whenStatus } from '../support/pulls.js';
import { type Stage, setStage } from '../support/stage.js';
import { watch } from '../support/viewer.js';

const gopFrames = 120;
let stage: Stage;

before(async () => {
  stage = await setStage();
  const publisher = await publishClock(stage.nginx.url('clock'), gopFrames);
  stage.onEnd(() => publisher.stop());
  assert.equal((await pull(stage.sluice, stage.nginx.url('clock'), 'clock')).status, 200);
  await whenStatus(stage.sluice, 'clock', 'PROCESSED_REMOTE');
});
after(() => stage.end());

/** Packets since the newest key picture: how far the group of pictures has come. */
async function gopPackets(): Promise<number> {
  return (await statsOf(stage.sluice, 'clock')).gopPackets;
}

test('3 s after joining in the middle of a 4 s group of pictures the picture is at most 500 ms old', async () => {
  const page = await stage.tab();
  // A new group has just begun: 2 s later its middle is reached.
  let last = await gopPackets();
  for (;;) {
    await delay(100);
    const now = await gopPackets();
    if (now < last) break;
    last = now;
  }
  await delay(2000);
  const viewer = await watch(page, stage.pages.origin, `${stage.sluice.rest}/whep/clock`);
  assert.ok(viewer.firstPictureMs <= 1500, `first picture after ${viewer.firstPictureMs} ms`);
  await delay(3000 - viewer.firstPictureMs);
  const ageMs = await viewer.pictureAgeMs(9);
  assert.ok(ageMs <= 500, `the picture is ${ageMs} ms old`);
});
