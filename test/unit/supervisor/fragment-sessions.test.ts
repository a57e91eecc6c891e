/** Who plays fragments, by WebSocket or HLS, counts as a viewer: in lists, against the limits, and for what ends without any. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FragmentViewRequest } from '../../../src/supervisor/view.js';
import { fakeStreams, request } from '../../support/threads/fake-threads.js';

const uri = 'rtmp://source.example/live/cam';

function player(pullId: string, more: Partial<FragmentViewRequest> = {}) {
  const ends: (string | null)[] = [];
  const view: FragmentViewRequest = {
    pullId,
    name: 'cam',
    clientIp: '192.0.2.1',
    userAgent: 'a player',
    mediaProvider: 'HLS',
    bytesSent: () => 1234,
    onEnded: (reason) => ends.push(reason),
    ...more,
  };
  return { view, ends };
}

test('it is listed with what it plays and was sent, and counts for its stream, until it leaves', async (t) => {
  const { streams, threads } = await fakeStreams(t);
  const { pullId } = streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.live();
  const audio = { codec: 'PCMA', sampleRateHz: 8000, channels: 1 };
  const video = { codec: 'H264', width: 640, height: 360, profileLevelId: '42e01f' } as const;
  threads[0]?.emit({ kind: 'source.media', media: { video, audio } });
  const viewerId = await streams.viewFragments(player(pullId).view);
  const [viewer] = streams.viewers();
  assert.deepEqual(
    [viewer?.viewerId, viewer?.pullId, viewer?.mediaProvider, viewer?.isConnected, viewer?.bytesSent],
    [viewerId, pullId, 'HLS', true, 1234],
  );
  // G.711 comes as AAC, which alone MP4 carries to players.
  assert.deepEqual(viewer?.media, {
    video: { codec: 'H264', width: 640, height: 360 },
    audio: { codec: 'mpeg4-generic' },
  });
  assert.equal(streams.find('cam')?.viewers, 1);
  assert.equal(await streams.leave(viewerId), true);
  assert.deepEqual([streams.viewers(), streams.find('cam')?.viewers], [[], 0]);
});

test('it is told that REST ended it, or its stream, and a stream that is over has no further one', async (t) => {
  const { streams, threads } = await fakeStreams(t);
  const { pullId } = streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.live();
  const [one, other] = [player(pullId), player(pullId, { mediaProvider: 'MSE' })];
  const viewerId = await streams.viewFragments(one.view);
  await streams.viewFragments(other.view);
  streams.terminateViewer(viewerId);
  assert.deepEqual([one.ends, other.ends], [[null], []]);
  streams.terminate({ pullId });
  assert.deepEqual([one.ends, other.ends], [[null], [null]]);
  await assert.rejects(streams.viewFragments(one.view), { code: 'stream.notFound' });
});

test('the limits of viewers are its own too, and those by WebRTC and these share them', async (t) => {
  const { streams, threads } = await fakeStreams(t, { viewers: { max: 3, maxPerIp: 2 } });
  const { pullId } = streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.live();
  for (let n = 0; n < 2; n += 1) await streams.viewFragments(player(pullId).view);
  await assert.rejects(streams.viewFragments(player(pullId).view), { code: 'request.tooMany' });
  await streams.viewFragments(player(pullId, { clientIp: '192.0.2.2' }).view);
  await assert.rejects(streams.viewFragments(player(pullId, { clientIp: '192.0.2.3' }).view), { code: 'viewer.limit' });
});

test('a pull on demand that it alone plays goes on, and ends when it has left', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { pulls: { idleMs: 30_000 } });
  const asked = streams.whyUnavailable({ name: uri, clientIp: '192.0.2.1' });
  await pass(0);
  threads[0]?.live();
  assert.equal(await asked, null);
  const pullId = streams.find(uri)?.pullId ?? assert.fail();
  const viewerId = await streams.viewFragments(player(pullId, { name: uri }).view);
  await pass(90_000);
  assert.equal(streams.find(uri)?.state, 'PROCESSED_REMOTE');
  await streams.leave(viewerId);
  await pass(30_000);
  assert.equal(streams.find(uri)?.state ?? 'STOPPED', 'STOPPED');
});
