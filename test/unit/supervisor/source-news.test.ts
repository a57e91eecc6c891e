/** What the supervisor does with the reports of actors on their sources: reasons of losses, and data. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOffer } from '../../../src/core/sdp/parse-offer.js';
import { SluiceError } from '../../../src/errors.js';
import { fakeStreams, request, watch } from '../../support/threads/fake-threads.js';
import { chromiumOffer } from '../../support/viewer/offers.js';

const uri = 'rtmp://source.example/live/cam';

const absences = [
  { reason: null, code: 'stream.notLive' },
  { reason: 'source.refused', code: 'source.refused' },
  { reason: 'source.notFound', code: 'source.notFound' },
  { reason: 'source.ended', code: 'stream.notLive' },
  { reason: 'actor.dead', code: 'stream.notLive' },
] as const;
for (const { reason, code } of absences) {
  test(`a stream that is up but has no media in viewers.codecWaitMs, for ${reason}, is refused with ${code}`, async (t) => {
    const { streams, threads, pass } = await fakeStreams(t);
    streams.pull(request(uri, { localStreamName: 'cam' }));
    threads[0]?.emit({ kind: 'source.state', state: 'PENDING', reason, detail: '' });
    const refused = assert.rejects(watch(streams, 'cam').view, { code });
    await pass(5000);
    await refused;
    assert.equal(streams.find('cam')?.viewers, 0);
  });
}

test('a stream whose source was lost while its actor waited for codecs is refused with the reason', async (t) => {
  const { streams, threads } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  const [thread] = threads;
  thread?.live();
  if (thread !== undefined) {
    thread.joins = async () => {
      thread.emit({ kind: 'source.state', state: 'PENDING', reason: 'source.unreachable', detail: '' });
      throw new SluiceError('stream.notLive');
    };
  }
  await assert.rejects(watch(streams, 'cam').view, { code: 'source.unreachable' });
});

test('a stream that changes its size is listed so, and its viewers are told what they play now', async (t) => {
  const { streams, threads } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.live();
  const media: unknown[] = [];
  const offer = parseOffer(chromiumOffer);
  const wish = { width: 320, height: null, bitrateKbps: null, quality: null };
  await watch(streams, 'cam', { offer, onMedia: (now) => media.push(now.video) }).view;
  await watch(streams, 'cam', { offer, wish, onMedia: (now) => media.push(now.video) }).view;
  const video = { codec: 'H264', width: 1280, height: 720, profileLevelId: '42e01f' } as const;
  threads[0]?.emit({ kind: 'source.media', media: { video, audio: null } });
  const sizes = [
    { codec: 'H264', width: 1280, height: 720 },
    { codec: 'H264', width: 320, height: 180 },
  ];
  assert.deepEqual(media, sizes);
  assert.deepEqual(
    streams.viewers().map((viewer) => viewer.media.video),
    sizes,
  );
});

test('data of a source is numbered, metadata are merged, and only its own viewers are notified', async (t) => {
  const { streams, threads } = await fakeStreams(t);
  const { pullId } = streams.pull(request(uri, { localStreamName: 'cam' }));
  streams.pull(request('rtmp://source.example/live/other'));
  for (const thread of threads) thread.live();
  const notified: unknown[] = [];
  await watch(streams, 'cam', { onData: ({ name, values }) => notified.push([name, values]) }).view;
  await watch(streams, 'cam').view;
  await watch(streams, 'rtmp://source.example/live/other', { onData: () => notified.push('of another') }).view;
  const say = (name: string, values: string): void =>
    threads[0]?.emit({ kind: 'source.data', name, values, timestampMs: 40, receivedMs: 1000 });
  say('onMetaData', '[{"width":640,"encoder":"a"}]');
  say('onMetaData', '[{"encoder":"b"}]');
  say('onTextData', '[{"text":"hello"}]');
  const { metadata, events, lastSeq } = streams.data(pullId, 1);
  assert.deepEqual([metadata, lastSeq], [{ width: 640, encoder: 'b' }, 3]);
  assert.deepEqual(events, [
    { seq: 2, name: 'onMetaData', values: [{ encoder: 'b' }], timestampMs: 40, receivedMs: 1000 },
    { seq: 3, name: 'onTextData', values: [{ text: 'hello' }], timestampMs: 40, receivedMs: 1000 },
  ]);
  assert.deepEqual(notified.length, 3);
  assert.deepEqual(notified[2], ['onTextData', [{ text: 'hello' }]]);
  threads[0]?.emit({ kind: 'source.state', state: 'CONNECTED', reason: null, detail: '' });
  assert.deepEqual(streams.data(pullId, 3), { metadata: {}, events: [], lastSeq: 3 });
  assert.throws(() => streams.data('nobody', 0), { code: 'pull.notFound' });
});
