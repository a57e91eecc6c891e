/** Recordings of pulled streams, as files: whole, in sync, found again after a kill, and had by REST. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { flashesAndBeeps, probeFile } from '../support/recording/probe.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { beepsBehind, median } from '../support/source/flash-and-beep.js';
import { startNginx } from '../support/source/nginx.js';
import { startNodeMediaServer } from '../support/source/node-media-server.js';
import { publish, publishEnhanced } from '../support/source/publisher.js';
import type { RtmpServer } from '../support/source/rtmp-server.js';
import { until } from '../support/until.js';

interface Listed {
  readonly id: string;
  readonly recordingId: string;
  readonly number: number;
  readonly streamName: string;
  readonly state: string;
  readonly fileName: string | null;
  readonly durationMs: number;
  readonly sizeBytes: number;
  readonly videoCodec: string | null;
  readonly audioCodec: string | null;
  readonly url: string;
  readonly thumbnailUrl: string | null;
}

let nginx: RtmpServer;
let folder: string;
let sluice: RunningSluice;
const ends: (() => Promise<unknown>)[] = [];

const flags = (): readonly string[] => [
  `--recordings.folder=${folder}`,
  '--recordings.minFreeMb=1',
  '--recordings.timeShift=true',
];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-recordings-'));
  [nginx, sluice] = await Promise.all([startNginx(), startSluice(flags())]);
  const [b, plain] = await Promise.all([
    publish(nginx.url('b'), { size: '640x360', bitrateKbps: 800, bFrames: 2, gopFrames: 30, hasFlashes: true }),
    publish(nginx.url('plain'), { size: '640x360', bitrateKbps: 800, gopFrames: 30 }),
  ]);
  ends.push(
    () => b.stop(),
    () => plain.stop(),
  );
});
after(async () => {
  for (const end of ends) await end();
  const [code] = await Promise.all([sluice.stop(), nginx.stop()]);
  assert.equal(code, 0);
  await rm(folder, { recursive: true, force: true });
});

async function listed(name: string): Promise<readonly Listed[]> {
  const answer = await fetch(`${sluice.rest}/api/recordings`);
  const all: readonly Listed[] = JSON.parse(await answer.text());
  return all.filter(({ streamName }) => streamName === name);
}

const finished = (name: string, count = 1): Promise<readonly Listed[]> =>
  until(
    `${count} finished files of ${name}`,
    async () => {
      const found = await listed(name);
      return found.length >= count && found.every(({ state }) => state === 'finished') && found;
    },
    30_000,
  );

const lasts = (name: string, leastMs: number): Promise<readonly Listed[]> =>
  until(`${leastMs} ms of ${name}`, async () => {
    const found = await listed(name);
    return found.reduce((total, { durationMs }) => total + durationMs, 0) >= leastMs && found;
  });

test('a pull with record is recorded with B-frames and sound, every frame, and is had, in ranges, and deleted by REST', async (t) => {
  const uri = nginx.url('b');
  assert.equal(
    (await sluice.post('/rest-api/pull/rtmp/pull', { uri, localStreamName: '../b/ä', record: 'true' })).status,
    200,
  );
  const [live] = await lasts('../b/ä', 4000);
  assert.ok(live !== undefined);
  const { children } = JSON.parse(await (await fetch(`${sluice.rest}/api/supervision`)).text());
  const recorders = children.filter(({ kind }: { readonly kind: string }) => kind === 'recorder');
  assert.deepEqual(
    recorders.map(({ state }: { readonly state: string }) => state),
    ['running'],
  );
  const shifted = `${sluice.rest}/hls/${encodeURIComponent('../b/ä')}/index.m3u8`;
  const fromStart = await probeFile(`${shifted}?from=0`, ['-t', '2']);
  assert.deepEqual([fromStart.video?.codec, fromStart.audio?.codec, fromStart.errors], ['h264', 'aac', '']);
  const list = await (await fetch(`${shifted}?from=0`)).text();
  assert.ok(list.split('#EXTINF').length > 2, list);
  const viewers: readonly { readonly protocol: string; readonly bytesSent: number }[] = JSON.parse(
    await (await fetch(`${sluice.rest}/api/viewers`)).text(),
  );
  assert.deepEqual([...new Set(viewers.map(({ protocol }) => protocol))], ['hls']);
  assert.ok(
    viewers.some(({ bytesSent }) => bytesSent > 10_000),
    JSON.stringify(viewers),
  );
  assert.equal((await sluice.post('/rest-api/pull/rtmp/terminate', { uri })).status, 200);
  const [one] = await finished('../b/ä');
  assert.ok(one?.fileName);
  assert.match(one.fileName, /^stream-[0-9a-f-]{36}\.mp4$/);
  const file = await probeFile(join(folder, one.fileName));
  t.diagnostic(JSON.stringify({ one, file }));
  const { video, audio } = file;
  assert.ok(video !== null && audio !== null);
  assert.deepEqual([video.codec, audio.codec, file.errors], ['h264', 'aac', '']);
  assert.ok(Math.abs(file.durationMs - one.durationMs) <= 100);
  assert.ok((video.durationMs * 30) / 1000 - video.packets <= 1.5, 'a frame is missing');
  // What is heard before the first frame is in the file, and is left out by its edit list.
  const surplus = audio.packets - (audio.durationMs * 44.1) / 1024;
  assert.ok(surplus > -1 && surplus < 5, `${surplus} packets of audio too many`);
  assert.ok(Math.abs(video.startMs - audio.startMs) <= 150);

  const behindMs = beepsBehind(await flashesAndBeeps(join(folder, one.fileName)));
  t.diagnostic(`beeps come ${behindMs.map((ms) => ms.toFixed(0)).join(', ')} ms behind their flashes`);
  assert.ok(behindMs.length >= 5 && Math.abs(median(behindMs)) <= 40, `${behindMs}`);

  const whole = Buffer.from(await (await fetch(`${sluice.rest}${one.url}`)).arrayBuffer());
  assert.equal(whole.length, one.sizeBytes);
  assert.ok(whole.indexOf('moov') < whole.indexOf('mdat'), 'the index is in front');
  const part = await fetch(`${sluice.rest}${one.url}`, { headers: { Range: 'bytes=1000-1999' } });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get('content-range'), `bytes 1000-1999/${whole.length}`);
  assert.deepEqual(Buffer.from(await part.arrayBuffer()), whole.subarray(1000, 2000));
  const beyond = await fetch(`${sluice.rest}${one.url}`, { headers: { Range: `bytes=${whole.length}-` } });
  assert.equal(beyond.status, 416);
  const picture = await fetch(`${sluice.rest}${one.thumbnailUrl}`);
  assert.deepEqual([...new Uint8Array(await picture.arrayBuffer()).subarray(0, 2)], [0xff, 0xd8]);
  const removed = await fetch(`${sluice.rest}/api/recordings/${one.id}`, { method: 'DELETE' });
  assert.equal(removed.status, 204);
  assert.deepEqual(await listed('../b/ä'), []);
  assert.deepEqual(await readdir(folder), ['.sluice']);
});

test('a recording begins and ends by the calls of WCS, under its template, and goes on in another file by rotation', async () => {
  assert.equal((await pull(sluice, nginx.url('plain'), 'plain')).status, 200);
  const { localMediaSessionId: mediaSessionId } = await whenStatus(sluice, 'plain', 'PROCESSED_REMOTE');
  const start = (config: object) => sluice.post('/rest-api/recorder/startup', { mediaSessionId, config });
  assert.equal((await start({ fileTemplate: '{nobody}' })).status, 400);
  assert.equal((await start({ rotation: '2 hours' })).status, 400);
  assert.equal((await start({ fileTemplate: 'cut/{streamName}', rotation: '2' })).status, 200);
  // Already before there is a file.
  const begun = await fetch(`${sluice.rest}/rest-api/recorder/find_all`);
  assert.deepEqual(JSON.parse(await begun.text()), [{ fileName: 'cut_plain.mp4', mediaSessionId }]);
  await lasts('plain', 3500);
  const running = await fetch(`${sluice.rest}/rest-api/recorder/find_all`);
  assert.equal(running.status, 200);
  assert.equal((await sluice.post('/rest-api/recorder/terminate', { mediaSessionId })).status, 200);
  assert.equal((await sluice.post('/rest-api/stream/stopRecording', { mediaSessionId })).status, 404);
  const parts = await finished('plain', 2);
  assert.deepEqual(
    parts.map(({ fileName }) => fileName),
    parts.map(({ number }) => (number === 1 ? 'cut_plain.mp4' : `cut_plain_${number}.mp4`)),
  );
  const [first] = parts;
  assert.ok(first !== undefined && Math.abs(first.durationMs - 2000) <= 150, `${first?.durationMs} ms`);
  await sluice.post('/rest-api/pull/rtmp/terminate', { localStreamName: 'plain' });
});

test('a process that is killed in mid-recording leaves a file that plays, and the next one finishes it', async (t) => {
  const uri = nginx.url('b');
  await sluice.post('/rest-api/pull/rtmp/pull', { uri, localStreamName: 'killed', record: true });
  const [live] = await lasts('killed', 3000);
  assert.ok(live !== undefined);
  sluice.child.process.kill('SIGKILL');
  await sluice.child.exited;
  const torn = join(folder, '.sluice', `${live.id}.mp4`);
  const left = await probeFile(torn);
  // What was said to be there is whole; of what was being written the end may be torn.
  assert.equal((await probeFile(torn, ['-t', String(live.durationMs / 1000)])).errors, '');
  assert.ok(left.durationMs >= live.durationMs - 50, `${left.durationMs} of ${live.durationMs} ms`);
  // What was never ours is left alone.
  const others = join(folder, '.sluice', 'other.json');
  await writeFile(others, '{"partId":"../../etc/passwd"}');
  sluice = await startSluice(flags());
  const [one] = await finished('killed');
  assert.ok(one?.fileName);
  const whole = await probeFile(join(folder, one.fileName));
  t.diagnostic(JSON.stringify({ left, whole }));
  assert.equal(whole.errors, '');
  assert.equal(whole.video?.packets, left.video?.packets);
  await unlink(others);
});

test('stills are JPEG or PNG of the width that is asked for, and 304 until there is a newer keyframe', async () => {
  assert.equal((await pull(sluice, nginx.url('plain'), 'still')).status, 200);
  const { localMediaSessionId: id } = await whenStatus(sluice, 'still', 'PROCESSED_REMOTE');
  const still = (kind: string, headers: Record<string, string> = {}) =>
    fetch(`${sluice.rest}/api/streams/${id}/snapshot.${kind}`, { headers });
  // The configuration is known before the first keyframe has come.
  const first = await until('a keyframe', async () => {
    const answer = await still('jpg?width=320');
    return answer.status !== 409 && answer;
  });
  assert.deepEqual([first.status, first.headers.get('content-type')], [200, 'image/jpeg']);
  const tag = first.headers.get('etag') ?? '';
  const png = Buffer.from(await (await still('png?width=320')).arrayBuffer());
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [320, 180]);
  const many = await Promise.all(Array.from({ length: 20 }, () => still('jpg?width=160')));
  assert.deepEqual([...new Set(many.map(({ status }) => status))], [200]);
  assert.ok(new Set(many.map(({ headers }) => headers.get('etag'))).size <= 2);
  const statuses: number[] = [];
  await until('a newer one', async () => {
    const answer = await still('jpg?width=320', { 'If-None-Match': tag });
    statuses.push(answer.status);
    return answer.status === 200;
  });
  assert.ok(statuses.slice(0, -1).every((status) => status === 304));
  assert.equal((await still('jpg?width=0')).status, 400);
});

/** Each codec by itself, every frame and its place in time: test/actor/recording/recorded-media.test.ts. */
test('HEVC and Opus of a server are recorded as they come', async (t) => {
  const server = await startNodeMediaServer();
  t.after(() => server.stop());
  const publisher = await publishEnhanced(server.url('hevc'), { video: 'libx265', audio: 'libopus' });
  await sluice.post('/rest-api/pull/rtmp/pull', { uri: server.url('hevc'), localStreamName: 'hevc', record: true });
  await lasts('hevc', 1500);
  await sluice.post('/rest-api/pull/rtmp/terminate', { localStreamName: 'hevc' });
  await publisher.stop();
  const [one] = await finished('hevc');
  assert.ok(one?.fileName);
  const file = await probeFile(join(folder, one.fileName));
  assert.deepEqual([file.video?.codec, file.audio?.codec, file.errors], ['hevc', 'opus', '']);
  assert.ok(Math.abs(file.durationMs - one.durationMs) <= 100, `${file.durationMs} of ${one.durationMs} ms`);
  assert.ok(one.durationMs >= 1500);
});
