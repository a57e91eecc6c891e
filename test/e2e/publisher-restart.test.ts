import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Stage, setStage } from '../support/browser/stage.js';
import { watch } from '../support/browser/viewer.js';
import { judged } from '../support/judged.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

let stage: Stage;

before(async () => {
  stage = await setStage();
});
after(() => stage.end());

test('a publisher that stops and comes back is seen again within 3 s, in the same session, without a REST call', async (t) => {
  const { nginx, sluice, pages } = stage;
  const first = await publish(nginx.url('cam'));
  stage.onEnd(() => first.stop());
  assert.equal((await pull(sluice, nginx.url('cam'), 'cam')).status, 200);
  await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE');
  const viewer = await watch(await stage.tab(), pages.origin, `${sluice.rest}/whep/cam`);
  await first.stop();
  await whenStatus(sluice, 'cam', 'PENDING');
  const second = await publish(nginx.url('cam'));
  stage.onEnd(() => second.stop());
  await judged(t, {
    async measure() {
      const startMs = performance.now();
      const lost = await viewer.stats();
      await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE');
      await until('frames again', async () => (await viewer.stats()).framesDecoded > lost.framesDecoded + 5);
      return performance.now() - startMs;
    },
    isGood: (tookMs) => tookMs <= 3000,
    words: (tookMs) => `back after ${tookMs} ms`,
    windows: 1,
  });
  assert.deepEqual(
    (await viewer.states()).filter((state) => /failed|closed/.test(state)),
    [],
  );
});
