/** Many sessions and many streams of one page with the unmodified Web SDK: it takes the machine for itself. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Stage, setStage } from '../support/browser/stage.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

let stage: Stage;

before(async () => {
  stage = await setStage();
  const publisher = await publish(stage.nginx.url('cam'), { toneHz: 440, size: '320x240', bitrateKbps: 400 });
  stage.onEnd(() => publisher.stop());
  await pull(stage.sluice, stage.nginx.url('cam'), 'cam');
  await whenStatus(stage.sluice, 'cam', 'PROCESSED_REMOTE');
});
after(() => stage.end());

test('twenty sessions of one page play, a closed one is opened again, and one session plays 64 streams', async () => {
  const page = await stage.tab();
  await page.goto(`${stage.pages.origin}/wcs.html`);
  await page.waitForFunction('window.connect !== undefined');
  const signalling = JSON.stringify(stage.sluice.signalling);
  const playing = { status: 'PLAYING', info: '' };
  await page.evaluate(`connect(${signalling})`);
  assert.deepEqual(await page.evaluate("play('cam')"), playing);
  await page.evaluate('disconnect()');
  await until(
    'DISCONNECTED',
    async () => {
      const events: readonly string[] = await page.evaluate('events');
      return events.includes('session DISCONNECTED');
    },
    5000,
  );
  await page.evaluate(`connect(${signalling})`);
  assert.deepEqual(await page.evaluate("play('cam')"), playing);
  const many = (count: number): Promise<number> => page.evaluate(`playMany(${signalling}, 'cam', ${count})`);
  assert.deepEqual(await Promise.all(Array.from({ length: 20 }, () => many(1))), Array(20).fill(1));
  assert.equal(await many(64), 64);
  await page.close();
});
