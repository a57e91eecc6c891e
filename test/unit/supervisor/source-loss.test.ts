/** What viewers and lists are told while a source is away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeStreams, request, watch } from '../../support/threads/fake-threads.js';

const uri = 'rtmp://source.example/live/cam';

test('viewers stay while the source is lost and comes back in time', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.live();
  const viewer = watch(streams, 'cam');
  await viewer.view;
  threads[0]?.emit({ kind: 'source.state', state: 'PENDING', reason: 'source.ended', detail: '' });
  await pass(29_000);
  assert.deepEqual([streams.find('cam')?.state, streams.find('cam')?.reason], ['PENDING', 'source.ended']);
  threads[0]?.live();
  await pass(60_000);
  assert.deepEqual(viewer.notified, ['lost source.ended', 'back']);
  assert.equal(streams.find('cam')?.reason, null);
});

test('viewers of a source that stays lost are ended after viewers.sourceGraceMs, and the pull goes on', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { viewers: { sourceGraceMs: 10_000 } });
  streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.live();
  const viewer = watch(streams, 'cam');
  const { viewerId } = await viewer.view;
  threads[0]?.emit({ kind: 'source.state', state: 'PENDING', reason: 'source.ended', detail: '' });
  await pass(5000);
  // Further failures to connect do not restart the grace time.
  threads[0]?.emit({ kind: 'source.state', state: 'PENDING', reason: 'source.refused', detail: '' });
  await pass(5000);
  assert.deepEqual(viewer.notified, ['lost source.ended', 'ended source.ended']);
  assert.deepEqual(threads[0]?.calls.slice(1), [`leave ${viewerId} source`]);
  assert.equal(streams.find('cam')?.state, 'PENDING');
});

test('viewers of a source that stalled are ended by another word', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { viewers: { sourceGraceMs: 10_000 } });
  streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.live();
  const viewer = watch(streams, 'cam');
  await viewer.view;
  threads[0]?.emit({ kind: 'source.state', state: 'PENDING', reason: 'source.stalled', detail: '' });
  await pass(10_000);
  assert.deepEqual(viewer.notified, ['lost source.stalled', 'ended stream.failed']);
});

test('without a grace viewers are ended when their source is lost, as with WCS', async (t) => {
  const { streams, threads } = await fakeStreams(t, { viewers: { sourceGraceMs: 0 } });
  streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.live();
  const viewer = watch(streams, 'cam');
  await viewer.view;
  threads[0]?.emit({ kind: 'source.state', state: 'PENDING', reason: 'source.ended', detail: '' });
  assert.deepEqual(viewer.notified, ['ended source.ended']);
  threads[0]?.live();
  const next = watch(streams, 'cam');
  await next.view;
  threads[0]?.emit({ kind: 'source.state', state: 'PENDING', reason: 'source.ended', detail: '' });
  assert.deepEqual(next.notified, ['ended source.ended']);
});

test('a pull by REST that never has media is FAILED after pulls.giveUpMs, and leaves the list', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { pulls: { giveUpMs: 10_000, failedListedMs: 1000 } });
  streams.pull(request(uri, { localStreamName: 'cam' }));
  const lose = (reason: 'source.refused' | 'source.ended'): void =>
    threads[0]?.emit({ kind: 'source.state', state: 'PENDING', reason, detail: 'port 1935' });
  lose('source.refused');
  await pass(9000);
  assert.equal(streams.find('cam')?.state, 'PENDING');
  await pass(1000);
  const failed = streams.find('cam');
  assert.deepEqual([failed?.state, failed?.reason, failed?.detail], ['FAILED', 'source.refused', 'port 1935']);
  assert.deepEqual(threads[0]?.calls, ['stop source']);
  await pass(1000);
  assert.deepEqual(streams.list(), []);
});

test('pulls that had media, or that viewers or the configuration want, are never given up', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { pulls: { giveUpMs: 1000 } });
  streams.pull(request(`${uri}1`));
  streams.pull(request(`${uri}2`, { origin: 'config' }));
  const media = { video: null, audio: { codec: 'AAC', sampleRateHz: 44_100, channels: 1 } } as const;
  threads[0]?.emit({ kind: 'source.media', media });
  for (const thread of threads)
    thread.emit({ kind: 'source.state', state: 'PENDING', reason: 'source.ended', detail: '' });
  await pass(60_000);
  assert.deepEqual(
    streams.list().map(({ state }) => state),
    ['PENDING', 'PENDING'],
  );
});
