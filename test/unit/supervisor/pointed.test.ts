/** Pulls that are taken from another node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeStreams, request, watch } from '../../support/threads/fake-threads.js';

const uri = 'rtmp://user:secret@source.example/live/cam';
const parentUri = 'rtmp://10.0.0.2:1935/cluster/key?token=secret&epoch=3';
const another = 'rtmp://10.0.0.3:1935/cluster/key?token=secret&epoch=4';
const pullId = '5f0f1a52-0000-4000-8000-000000000000';
const edge = (more: object = {}) => request(uri, { localStreamName: 'cam', pullId, parentUri, ...more });

test('a pull from another node has the id of the cluster, is taken from there alone, and shows its address to nobody', async (t) => {
  const { streams, threads, lines } = await fakeStreams(t);
  const info = streams.pull(edge({ uris: [uri, `${uri}2`] }));
  assert.deepEqual([info.pullId, info.origin, info.uri], [pullId, 'edge', 'rtmp://***@source.example/live/cam']);
  const { spec } = threads[0]?.options.boot ?? assert.fail();
  assert.deepEqual([spec.uri, spec.standbyUris, spec.origin], [parentUri, [], 'edge']);
  threads[0]?.live();
  threads[0]?.emit({ kind: 'source.playing', index: 0, remoteSessionId: null });
  assert.equal(streams.get(pullId)?.playingUri, null);
  for (const shown of [streams.list(), lines, streams.supervision()])
    assert.doesNotMatch(JSON.stringify(shown), /secret|10\.0\.0\.2/);
});

test('it ends some time after its last viewer, also where REST wants the stream', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { pulls: { idleMs: 1000, giveUpMs: 500 } });
  streams.pull(edge());
  threads[0]?.live();
  const viewer = watch(streams, 'cam');
  const { viewerId } = await viewer.view;
  await pass(60_000);
  assert.equal(streams.get(pullId)?.state, 'PROCESSED_REMOTE');
  await streams.leave(viewerId);
  await pass(1000);
  assert.equal(streams.get(pullId)?.state, 'STOPPED');
});

test('it is not given up while nothing comes, as a pull by REST is that is taken from its own source', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { pulls: { giveUpMs: 500 } });
  streams.pull(request(uri, { pullId }));
  watch(streams, uri);
  await streams.pointTo(pullId, parentUri);
  await pass(2000);
  assert.equal(streams.get(pullId)?.state, 'NEW');
  await streams.pointTo(pullId, null);
  await pass(499);
  assert.equal(streams.get(pullId)?.state, 'NEW');
  await pass(1);
  assert.equal(streams.get(pullId)?.state, 'FAILED');
  assert.deepEqual(threads[0]?.calls.slice(0, 2), [`pointTo edge ${parentUri}`, `pointTo rest ${uri}`]);
});

test('a thread that starts again takes it from where it was pointed at last; viewers stay', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(edge());
  threads[0]?.live();
  const viewer = watch(streams, 'cam');
  const { viewerId } = await viewer.view;
  threads[0]?.emit({ kind: 'viewer.session', viewerId, session: null });
  await streams.pointTo(pullId, another);
  threads[0]?.emit({ kind: 'source.state', state: 'PENDING', reason: 'source.moving', detail: '' });
  threads[0]?.end();
  await pass(250);
  assert.equal(threads[1]?.options.boot.spec.uri, another);
  assert.deepEqual(
    threads[0]?.calls.filter((call) => call.startsWith('pointTo')),
    [`pointTo edge ${another}`],
  );
});

test('a viewer waits for another node that refuses at first, as long as for codecs', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { viewers: { codecWaitMs: 3000 } });
  streams.pull(edge());
  const refuse = (): void =>
    threads[0]?.emit({ kind: 'source.state', state: 'PENDING', reason: 'source.notFound', detail: '' });
  refuse();
  const early = watch(streams, 'cam');
  await pass(1000);
  threads[0]?.live();
  assert.equal((await early.view).localName, 'cam');
});

test('what viewers had pulled, and is taken from another node, is no more of their share', async (t) => {
  const { streams, pass } = await fakeStreams(t, { pulls: { max: 2, viewerSharePercent: 50 } });
  watch(streams, `${uri}1`);
  await pass(0);
  const [pull] = streams.list();
  await streams.pointTo(pull?.pullId ?? '', parentUri);
  watch(streams, `${uri}2`);
  await pass(0);
  assert.deepEqual(
    streams.list().map(({ origin }) => origin),
    ['edge', 'viewer'],
  );
});
