/** Chromium plays from further fan-out threads, and plays on while one of them dies under another viewer. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Stage, setStage } from '../support/browser/stage.js';
import { type Viewer, watch } from '../support/browser/viewer.js';
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

/** The viewer decodes the next seconds of video and audio without a loss. */
async function assertPlays(viewer: Viewer): Promise<void> {
  await until('a second of audio', async () => (await viewer.stats()).audioSamples > 48_000);
  const first = await viewer.stats();
  await until('three seconds more', async () => (await viewer.stats()).atMs - first.atMs > 3000);
  const last = await viewer.stats();
  const expected = ((last.atMs - first.atMs) * fps) / 1000;
  const decoded = last.framesDecoded - first.framesDecoded;
  assert.ok(decoded >= 0.9 * expected, `${decoded} of ${expected.toFixed(0)} frames decoded`);
  assert.deepEqual([last.packetsLost, last.audioPacketsLost], [0, 0]);
}

test('each viewer has a thread of its own and plays whole; one whose thread dies is told and plays again', async () => {
  const { sluice, pages } = stage;
  const endpoint = `${sluice.rest}/whep/cam`;
  const viewers: Viewer[] = [];
  for (let n = 0; n < 3; n += 1) viewers.push(await watch(await stage.tab(), pages.origin, endpoint));
  const { shards } = await statsOf(sluice, 'cam');
  assert.deepEqual(
    shards.map(({ viewers: count }) => count),
    [1, 1],
  );
  for (const { firstFrameMs } of viewers) assert.ok(firstFrameMs <= 1500, `first frame after ${firstFrameMs} ms`);
  await Promise.all(viewers.map(assertPlays));

  assert.equal((await sluice.post('/api/fault', { name: 'cam', fault: 'shard' })).status, 200);
  await sluice.logged('shard.ended', 5000, (line) => line.exitCode === 1);
  const [first, lost, third] = viewers;
  assert.ok(first !== undefined && lost !== undefined && third !== undefined);
  await until('its session is gone', async () => (await fetch(lost.session, { method: 'DELETE' })).status === 404);
  const again = await watch(lost.page, pages.origin, endpoint);
  await Promise.all([first, third, again].map(assertPlays));
  assert.equal((await statsOf(sluice, 'cam')).viewers.length, 3);
});
