import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startFirefox } from '../support/firefox.js';
import { publish } from '../support/publisher.js';
import { pull, whenStatus } from '../support/pulls.js';
import { type Stage, setStage } from '../support/stage.js';
import { until } from '../support/until.js';
import { watch } from '../support/viewer.js';

const toneHz = 440;
let stage: Stage;

before(async () => {
  stage = await setStage({ launch: startFirefox });
});
after(() => stage.end());

test('Firefox plays the stream of nginx, picture and sound', async () => {
  const { nginx, sluice, pages } = stage;
  const publisher = await publish(nginx.url('cam'), { toneHz });
  stage.onEnd(() => publisher.stop());
  assert.equal((await pull(sluice, nginx.url('cam'), 'cam')).status, 200);
  await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE');
  const viewer = await watch(await stage.tab(), pages.origin, `${sluice.rest}/whep/cam`);
  await until('the first second', async () => (await viewer.stats()).framesDecoded > 30);
  const first = await viewer.stats();
  await delay(5000);
  const last = await viewer.stats();
  const expected = ((last.atMs - first.atMs) * 30) / 1000;
  const decoded = last.framesDecoded - first.framesDecoded;
  assert.ok(decoded >= 0.9 * expected, `${decoded} of ${expected.toFixed(0)} frames decoded`);
  const heardHz: number = await viewer.page.evaluate('reception.recordedToneHz()');
  assert.ok(Math.abs(heardHz - toneHz) <= 10, `the tone is ${heardHz} Hz`);
});
