import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../../src/errors.js';
import { type FakeThread, fakeStreams, request, watch } from '../../support/threads/fake-threads.js';

const uri = 'rtmp://source.example/live/cam';
const clientIp = '192.0.2.1';
const media = {
  video: { codec: 'H264', width: 640, height: 360, profileLevelId: '42e01f' },
  audio: null,
} as const;

const lose = (thread: FakeThread | undefined, reason: ErrorCode): void =>
  thread?.emit({ kind: 'source.state', state: 'PENDING', reason, detail: '' });

/** The answer, and undefined while there is none. */
function settled<T>(promise: Promise<T>): { readonly value: T | undefined } {
  const holder: { value: T | undefined } = { value: undefined };
  void promise.then((value) => {
    holder.value = value;
  });
  return holder;
}

for (const reason of [
  'source.refused',
  'source.nameNotResolved',
  'source.notFound',
  'source.rejected',
  'source.timeout',
  'source.noMedia',
  'source.protocol',
] as const) {
  test(`a viewer of a stream whose first dialling ends in ${reason} is told at once`, async (t) => {
    const { streams, threads, pass } = await fakeStreams(t);
    streams.pull(request(uri, { localStreamName: 'cam' }));
    const first = assert.rejects(watch(streams, 'cam').view, { code: reason });
    await pass(0);
    lose(threads[0], reason);
    await first;
    await assert.rejects(watch(streams, 'cam').view, { code: reason });
    assert.equal(threads.length, 1, 'the source is dialled on');
  });
}

test('a viewer waits on when the source had media, has a stand-by, or is dialled for the first time', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  const names = ['lost', 'standby', 'new'];
  streams.pull(request(`${uri}1`, { localStreamName: 'lost' }));
  streams.pull(request(`${uri}2`, { localStreamName: 'standby', uris: [`${uri}2`, `${uri}3`] }));
  streams.pull(request(`${uri}4`, { localStreamName: 'new' }));
  threads[0]?.emit({ kind: 'source.media', media });
  lose(threads[0], 'source.refused');
  lose(threads[1], 'source.refused');
  const views = names.map((name) => watch(streams, name).view);
  await pass(4000);
  for (const thread of threads) thread.live();
  assert.deepEqual(
    (await Promise.all(views)).map(({ localName }) => localName),
    names,
  );
});

test('an address that nobody pulls is dialled to say whether it is available, and let go again', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { pulls: { idleMs: 1000 } });
  const good = settled(streams.whyUnavailable({ name: uri, clientIp }));
  const bad = settled(streams.whyUnavailable({ name: `${uri}2`, clientIp }));
  await pass(100);
  assert.deepEqual([good.value, bad.value], [undefined, undefined]);
  lose(threads[1], 'source.refused');
  await pass(0);
  assert.deepEqual([good.value, bad.value], [undefined, 'source.unavailable']);
  threads[0]?.live();
  await pass(0);
  assert.equal(good.value, null);
  assert.equal(threads[0]?.options.boot.spec.origin, 'viewer');
  await pass(1000);
  assert.deepEqual(
    streams.list().map(({ state }) => state),
    ['STOPPED', 'FAILED'],
  );
});

test('an address that cannot be read, one too many, and an unknown name are not available', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { pulls: { viewerPullsPerMinute: 1 } });
  assert.equal(await streams.whyUnavailable({ name: 'rtmp://', clientIp: '192.0.2.2' }), 'request.invalid');
  assert.equal(await streams.whyUnavailable({ name: 'cam', clientIp }), 'stream.notFound');
  void streams.whyUnavailable({ name: uri, clientIp });
  assert.equal(await streams.whyUnavailable({ name: `${uri}2`, clientIp }), 'request.tooMany');
  await pass(0);
  assert.equal(threads.length, 1);
});

test('a stream that lost its source is not available at once, one that never answers after viewers.codecWaitMs', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  const silent = settled(streams.whyUnavailable({ name: 'cam', clientIp }));
  threads[0]?.emit({ kind: 'source.media', media: { video: null, audio: null } });
  await pass(5000);
  assert.equal(silent.value, 'stream.notLive');
  threads[0]?.live();
  threads[0]?.emit({ kind: 'source.media', media });
  assert.equal(await streams.whyUnavailable({ name: 'cam', clientIp }), null);
  lose(threads[0], 'source.ended');
  assert.equal(await streams.whyUnavailable({ name: 'cam', clientIp }), 'stream.notLive');
});

test('a viewer is told at once when all of several sources failed, and when a lost one is waited for no longer', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(`${uri}1`, { localStreamName: 'both', uris: [`${uri}1`, `${uri}2`] }));
  streams.pull(request(`${uri}3`, { localStreamName: 'gone' }));
  const both = watch(streams, 'both').view;
  lose(threads[0], 'source.refused');
  lose(threads[0], 'source.timeout');
  await assert.rejects(both, { code: 'source.timeout' });
  threads[1]?.live();
  threads[1]?.emit({ kind: 'source.media', media });
  lose(threads[1], 'source.refused');
  await pass(29_000);
  const early = settled(watch(streams, 'gone').view.catch(() => 'refused'));
  await pass(500);
  assert.equal(early.value, undefined, 'it may be back within the grace');
  await pass(1000);
  await assert.rejects(watch(streams, 'gone').view, { code: 'source.refused' });
});
