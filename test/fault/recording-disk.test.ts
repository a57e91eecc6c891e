/**
 * A recording whose disk is full, read-only, or stands still (docs/reliability.md F12): it says so, goes on when the disk takes data
 * again, what was written plays, and who watches the stream does not notice.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Load, startLoad } from '../support/load/load.js';
import { probeFile } from '../support/recording/probe.js';
import { mountSmallDisk, type SmallDisk } from '../support/recording/small-disk.js';
import { whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { type Cameras, startCameras } from '../support/source/cameras.js';
import { until } from '../support/until.js';

const mebi = 1_048_576;
const viewers = 4;

interface File {
  readonly id: string;
  readonly fileName: string | null;
  readonly state: string;
  readonly durationMs: number;
  readonly number: number;
}
interface Recording {
  readonly trouble: { readonly code: string } | null;
  readonly parts: readonly File[];
}

let disk: SmallDisk;
let sluice: RunningSluice;
let cameras: Cameras;
let load: Load;
let pullId: string;

const flags = (): readonly string[] => [
  `--recordings.folder=${disk.folder}`,
  '--recordings.minFreeMb=2',
  '--recordings.maxQueueMb=1',
];
async function record(): Promise<void> {
  const uri = cameras.url('cam');
  await sluice.post('/rest-api/pull/rtmp/pull', { uri, localStreamName: 'cam', record: true });
  pullId = (await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE')).localMediaSessionId;
}

const read = async <T>(path: string): Promise<T> => JSON.parse(await (await fetch(`${sluice.rest}${path}`)).text());
const recording = (): Promise<Recording> => read(`/api/streams/${pullId}/recording`);
const whenTrouble = (code: string | null): Promise<Recording> =>
  until(
    `trouble ${code}`,
    async () => {
      const now = await recording();
      return (now.trouble?.code ?? null) === code && now;
    },
    20_000,
  );
const grows = (beyondMs = 1000): Promise<unknown> =>
  until('a file that grows', async () => {
    const { parts } = await recording();
    return parts.some(({ state, durationMs }) => state === 'recording' && durationMs > beyondMs);
  });
async function order(method: 'POST' | 'DELETE'): Promise<void> {
  const { status } = await fetch(`${sluice.rest}/api/streams/${pullId}/recording`, { method });
  assert.ok(status < 300, `${method}: ${status}`);
}
const finished = (): Promise<readonly File[]> =>
  until('all is finished', async () => {
    const all = await read<readonly File[]>('/api/recordings');
    return all.every(({ state }) => state === 'finished') && all;
  });
async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${sluice.rest}/metrics`)).text();
  return Number(new RegExp(`^sluice_recordings${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

before(async () => {
  disk = mountSmallDisk(48 * mebi);
  [cameras, sluice] = await Promise.all([startCameras(), startSluice(flags())]);
  await record();
  load = startLoad({ processes: 1, usesGro: true, openEvery: 8 });
  const joined = await load.join(Array(viewers).fill(`${sluice.rest}/whep/cam`), 0);
  assert.deepEqual(
    joined.map(({ error }) => error),
    Array(viewers).fill(null),
  );
  await grows();
  await load.measure();
});
after(async () => {
  // First: a process cannot end while one of its threads stands in a write.
  disk.thaw();
  await load.end();
  await sluice.stop();
  await cameras.stop();
  disk.close();
});

test('a disk with too little room ends the file, and another one begins when there is enough', async () => {
  assert.ok((await metric('_free_bytes')) > 2 * mebi);
  disk.fill(mebi);
  await whenTrouble('recording.diskFull');
  // The trouble is told while the file is being ended.
  await until('its file ends', async () => (await recording()).parts.every(({ state }) => state !== 'recording'));
  assert.deepEqual([await metric(''), await metric('_troubled')], [1, 1]);
  disk.empty();
  await whenTrouble(null);
  await grows();
  assert.equal(await metric('_troubled'), 0);
});

test('a disk that is read-only is told apart, and written to as soon as it is not any more', async () => {
  await order('DELETE');
  await finished();
  disk.setReadOnly(true);
  await order('POST');
  await whenTrouble('recording.failed');
  disk.setReadOnly(false);
  await whenTrouble(null);
  await grows();
});

test('a disk that stands still fills a queue of so much, what it does not hold is counted, and it goes on', async (t) => {
  t.after(() => disk.thaw());
  const dropped = await metric('_dropped_fragments_total');
  disk.freeze();
  await whenTrouble('recording.slow');
  await until('so much waits', async () => (await metric('_queue_bytes')) >= mebi);
  await until('fragments are left out', async () => (await metric('_dropped_fragments_total')) > dropped);
  disk.thaw();
  await whenTrouble(null);
  await grows();
});

test('who ends a recording on a disk that stands still is told so, and nothing of it is lost', async (t) => {
  t.after(() => disk.thaw());
  const { parts } = await recording();
  disk.freeze();
  await whenTrouble('recording.slow');
  const answer = await fetch(`${sluice.rest}/api/streams/${pullId}/recording`, { method: 'DELETE' });
  assert.equal(answer.status, 503);
  assert.match(await answer.text(), /recording\.slow/);
  disk.thaw();
  const last = parts.at(-1)?.id;
  await until('the file is finished', async () => {
    const files = await read<readonly File[]>('/api/recordings');
    return files.some(({ id, state }) => id === last && state === 'finished');
  });
  await order('POST');
  await grows();
});

test('who watched noticed nothing of it, and every file is whole', async (t) => {
  const { packets, lost, framesMissed, ended } = await load.result();
  t.diagnostic(JSON.stringify({ packets, lost, framesMissed, ended }));
  assert.ok(packets > 1000);
  assert.deepEqual([lost, framesMissed, ended], [0, 0, 0]);
  await order('DELETE');
  const files = await finished();
  assert.ok(files.length >= 4, `${files.length} files`);
  for (const { fileName, durationMs } of files) {
    const { video, audio, durationMs: foundMs } = await probeFile(join(disk.folder, fileName ?? ''));
    t.diagnostic(`${fileName}: ${foundMs} ms, ${video?.packets} frames`);
    assert.ok(Math.abs(foundMs - durationMs) <= 100);
    // The cameras write a mark into the last bytes of each frame: they are read, and decode badly.
    assert.ok(
      Math.abs((video?.packets ?? 0) - (foundMs * 30) / 1000) <= 3,
      `${video?.packets} frames in ${foundMs} ms`,
    );
    assert.equal(audio?.codec, 'aac');
  }
});

test('with makeRoom the oldest files go before there is too little room, and the recording goes on', async () => {
  await sluice.stop();
  sluice = await startSluice([...flags(), '--recordings.makeRoom=true']);
  const before = await until('what was recorded', async () => {
    const all = await read<readonly File[]>('/api/recordings');
    return all.length === 0 ? undefined : all;
  });
  await record();
  await grows();
  disk.fill(Math.round(2.45 * mebi));
  const [oldest] = before;
  const left = await until('the oldest is gone', async () => {
    const all = await read<readonly File[]>('/api/recordings');
    return all.every(({ id }) => id !== oldest?.id) && all;
  });
  const isThere = before.map(({ id }) => left.some((one) => one.id === id));
  assert.deepEqual(isThere, [...isThere].sort(), 'the oldest first');
  assert.equal(isThere.at(-1), true, 'no more than need be');
  assert.equal((await recording()).trouble, null);
});
