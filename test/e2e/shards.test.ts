/** Chromium plays from further fan-out threads, and plays on while one of them dies under another viewer. */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { type Stage, setStage } from '../support/browser/stage.js';
import { assertArrived, assertDecodes, type Viewer, watch, watchAtOnce } from '../support/browser/viewer.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

const fps = 30;
let stage: Stage;

before(async () => {
  stage = await setStage({ flags: ['--viewers.perShard=1', '--viewers.maxShards=2'] });
  const publisher = await publish(stage.nginx.url('cam'), { size: '640x360', bitrateKbps: 800, gopFrames: 30, fps });
  stage.onEnd(() => publisher.stop());
  await pull(stage.sluice, stage.nginx.url('cam'), 'cam');
  await whenStatus(stage.sluice, 'cam', 'PROCESSED_REMOTE');
});
after(() => stage.end());

/** The viewer decodes the next seconds of frame and audio without a loss. */
async function assertPlays(t: TestContext, viewer: Viewer): Promise<void> {
  await until('a second of audio', async () => (await viewer.stats()).audioSamples > 48_000);
  await assertDecodes(t, viewer, { forMs: 3000, least: 0.9, fps });
  assertArrived(t, await viewer.stats());
}

test('each viewer has a thread of its own and plays whole; one whose thread dies is informed and plays again', async (t) => {
  const { sluice, pages } = stage;
  const endpoint = `${sluice.rest}/whep/cam`;
  const viewers: Viewer[] = [];
  for (let n = 0; n < 3; n += 1) viewers.push(await watchAtOnce(t, await stage.tab(), pages.origin, endpoint));
  const { shards } = await statsOf(sluice, 'cam');
  assert.deepEqual(
    shards.map(({ viewers: count }) => count),
    [1, 1],
  );
  await Promise.all(viewers.map((viewer) => assertPlays(t, viewer)));

  assert.equal((await sluice.post('/api/fault', { name: 'cam', fault: 'shard' })).status, 200);
  await sluice.logged('shard.ended', 5000, (line) => line.exitCode === 1);
  const [first, lost, third] = viewers;
  assert.ok(first !== undefined && lost !== undefined && third !== undefined);
  await until('its session is gone', async () => (await fetch(lost.session, { method: 'DELETE' })).status === 404);
  const again = await watch(lost.page, pages.origin, endpoint);
  await Promise.all([first, third, again].map((viewer) => assertPlays(t, viewer)));
  assert.equal((await statsOf(sluice, 'cam')).viewers.length, 3);
});
