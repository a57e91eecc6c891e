import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeStreams, request, watch } from '../../support/threads/fake-threads.js';

const uri = 'rtmp://source.example/live/cam';

test('a pull by REST of an address that a viewer plays goes on under its name, and stays without viewers', async (t) => {
  const { streams, threads, lines, pass } = await fakeStreams(t, { pulls: { idleMs: 1000 } });
  const viewer = watch(streams, uri);
  await pass(0);
  threads[0]?.live();
  const { viewerId } = await viewer.view;
  const { pullId } = streams.list()[0] ?? assert.fail('no pull');
  const adopted = streams.pull(
    request('RTMP://source.example:1935/live/cam', { localStreamName: 'cam', record: true }),
  );
  assert.deepEqual(
    [adopted.pullId, adopted.localName, adopted.origin, adopted.record, adopted.state],
    [pullId, 'cam', 'rest', true, 'PROCESSED_REMOTE'],
  );
  assert.deepEqual(
    lines.findLast(({ event }) => event.startsWith('pull.')),
    {
      level: 'info',
      event: 'pull.adopted',
      fields: { name: 'cam', pullId, origin: 'rest' },
    },
  );
  for (const name of ['cam', uri]) assert.equal(streams.find(name)?.pullId, pullId);
  assert.equal((await watch(streams, 'cam').view).localName, 'cam');
  assert.deepEqual(viewer.notified, []);
  await streams.leave(viewerId);
  await pass(60_000);
  assert.equal(streams.find('cam')?.state, 'PROCESSED_REMOTE');
  assert.throws(() => streams.pull(request(uri)), { code: 'pull.conflict' });
  assert.equal(threads.length, 1);
});

test('a pull on demand that is about to end for want of viewers is adopted too', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { pulls: { idleMs: 1000 } });
  const viewer = watch(streams, uri);
  await pass(0);
  threads[0]?.live();
  await streams.leave((await viewer.view).viewerId);
  await pass(900);
  streams.pull(request(uri));
  await pass(60_000);
  assert.deepEqual([streams.find(uri)?.state, streams.find(uri)?.localName], ['PROCESSED_REMOTE', uri]);
});

test('the thread of an adopted pull that is restarted has its new name and origin', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  watch(streams, uri);
  await pass(0);
  threads[0]?.live();
  const { pullId } = streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.end();
  await pass(250);
  const { timeline } = threads[0]?.options.boot.spec ?? assert.fail();
  const spec = threads[1]?.options.boot.spec;
  assert.equal(spec?.timeline, timeline, 'its time goes on');
  assert.deepEqual(spec, {
    timeline,
    pullId,
    localName: 'cam',
    uri,
    standbyUris: [],
    origin: 'rest',
    hasAudio: true,
    hasVideo: true,
  });
});

test('an adopted pull is terminated by its name, and its viewers are told', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  const viewer = watch(streams, uri);
  await pass(0);
  threads[0]?.live();
  await viewer.view;
  streams.pull(request(uri, { localStreamName: 'cam' }));
  streams.terminate({ uri, localName: 'cam' });
  assert.deepEqual(viewer.notified, ['ended null']);
});

test('of other tracks, or with stand-bys, the pull by REST replaces the one on demand', async (t) => {
  for (const more of [{ hasVideo: false }, { uris: [uri, `${uri}2`] }]) {
    const { streams, threads, pass } = await fakeStreams(t, { pulls: { max: 1, viewerSharePercent: 100 } });
    const viewer = watch(streams, uri);
    await pass(0);
    threads[0]?.live();
    await viewer.view;
    assert.equal(streams.pull(request(uri, more)).state, 'NEW');
    assert.deepEqual(viewer.notified, ['ended stream.failed']);
    assert.deepEqual([threads.length, streams.list().length], [2, 1]);
    t.mock.timers.reset();
  }
});

test('the name of another pull is not taken by adoption', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(`${uri}2`, { localStreamName: 'cam' }));
  watch(streams, uri);
  await pass(0);
  assert.throws(() => streams.pull(request(uri, { localStreamName: 'cam' })), { code: 'pull.nameTaken' });
  assert.equal(streams.find(uri)?.origin, 'viewer');
  assert.equal(threads.length, 2);
});
