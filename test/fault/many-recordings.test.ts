/** Twenty-four recordings at once cost no viewer a packet, and none of them a frame. What they cost: npm run bench -- fragments. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { probeFile } from '../support/recording/probe.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { startSluice } from '../support/server/sluice.js';
import { startOrigin } from '../support/source/origin.js';
import { until } from '../support/until.js';
import { assertNoGap } from '../support/viewer/stream-viewer.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';

const recordings = 24;
const leastMs = 3000;
const frameMs = 40;

interface Listed {
  readonly streamName: string;
  readonly state: string;
  readonly fileName: string | null;
  readonly durationMs: number;
}

test(`${recordings} streams are recorded while two are watched, one of them recorded: nothing is lost`, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-recordings-'));
  const origin = await startOrigin();
  const sluice = await startSluice([`--recordings.folder=${folder}`, '--recordings.minFreeMb=1']);
  t.after(async () => {
    assert.equal(await sluice.stop(), 0);
    await origin.close();
    await rm(folder, { recursive: true, force: true });
  });
  const names = Array.from({ length: recordings }, (_, n) => `cam${n}`);
  await pull(sluice, origin.url('plain'), 'plain');
  for (const name of names) await pull(sluice, origin.url(name), name);
  await Promise.all(['plain', ...names].map((name) => whenStatus(sluice, name, 'PROCESSED_REMOTE', 60_000)));
  const viewers = await Promise.all(['plain', 'cam0'].map((name) => joinWhep(`${sluice.rest}/whep/${name}`)));
  for (const viewer of viewers) await viewer.whenVideo(25);

  await Promise.all(names.map((name) => sluice.post(`/api/streams/${name}/recording`, {})));
  const listed = async (): Promise<readonly Listed[]> =>
    JSON.parse(await (await fetch(`${sluice.rest}/api/recordings`)).text());
  await until(
    `${leastMs} ms of each`,
    async () => {
      const found = await listed();
      return found.length === recordings && found.every(({ durationMs }) => durationMs >= leastMs);
    },
    60_000,
  );
  await Promise.all(names.map((name) => fetch(`${sluice.rest}/api/streams/${name}/recording`, { method: 'DELETE' })));
  const files = await until(
    'all are finished',
    async () => {
      const found = await listed();
      return found.every(({ state }) => state === 'finished') && found;
    },
    60_000,
  );
  for (const viewer of viewers) {
    await viewer.whenVideo(viewer.video().length + 10);
    assertNoGap(viewer.video());
    viewer.close();
  }
  assert.deepEqual(new Set(files.map(({ streamName }) => streamName)), new Set(names));
  const metrics = await (await fetch(`${sluice.rest}/metrics`)).text();
  assert.match(metrics, /^sluice_recordings_dropped_fragments_total 0$/m);
  for (const { fileName, durationMs } of files.slice(0, 3)) {
    const { video, errors } = await probeFile(join(folder, fileName ?? ''));
    assert.equal(errors, '');
    assert.ok(video !== null && Math.abs(video.packets - durationMs / frameMs) <= 1.5, `${video?.packets} frames`);
  }
});
