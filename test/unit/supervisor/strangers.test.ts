import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SluiceError } from '../../../src/errors.js';
import { fakeStreams, request, watch } from '../../support/threads/fake-threads.js';

const uri = 'rtmp://source.example/live/cam';
const someAudio = { codec: 'AAC', sampleRateHz: 48_000, channels: 2 } as const;

test('offers of one client that are not connected yet wait for their turn, and other clients do not', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { viewers: { maxUnfinishedPerIp: 2 } });
  const { pullId } = streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.live();
  const crowd = Array.from({ length: 4 }, () => watch(streams, 'cam', { clientIp: '192.0.2.1' }));
  const other = watch(streams, 'cam', { clientIp: '192.0.2.2' });
  await pass(100);
  const joins = (): number => threads[0]?.calls.filter((call) => call.startsWith('join ')).length ?? 0;
  assert.equal(joins(), 3, 'two of the crowd, and the other');
  const { viewerId } = await (crowd[0]?.view ?? assert.fail());
  await other.view;
  threads[0]?.emit({ kind: 'viewer.connected', viewerId, iceMs: 1, dtlsMs: 2 });
  await pass(100);
  assert.equal(joins(), 4, 'one is connected, the next one has its turn');
  await streams.leave((await (crowd[1]?.view ?? assert.fail())).viewerId);
  await pass(100);
  assert.equal(joins(), 5, 'one has left');
  assert.equal(streams.list().find((pull) => pull.pullId === pullId)?.viewers, 4);
});

test('an offer whose turn does not come in viewers.startTimeoutMs is refused', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { viewers: { maxUnfinishedPerIp: 1 } });
  streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.live();
  watch(streams, 'cam');
  const late = watch(streams, 'cam');
  await pass(10_000);
  await assert.rejects(late.view, { code: 'request.tooMany' });
  assert.equal(streams.find('cam')?.viewers, 1);
});

test('lists show no secret of an address, and what they show is no name to go by', async (t) => {
  const { streams, threads } = await fakeStreams(t);
  const uris = ['rtmp://u:p@source.example/live/cam?token=one', 'rtmp://u:p@source.example/live/cam?token=two'];
  const [first, second] = uris.map((one) => streams.pull(request(one)));
  const shown = 'rtmp://***@source.example/live/cam?***';
  assert.deepEqual([first?.localName, first?.uri, second?.localName], [shown, shown, shown]);
  threads[1]?.live();
  const viewer = watch(streams, uris[1] ?? '');
  const { viewerId } = await viewer.view;
  assert.equal(streams.viewers()[0]?.name, shown);
  assert.deepEqual(streams.named(uris[1] ?? ''), new Set([second?.pullId, viewerId]));
  assert.deepEqual(streams.named(shown), new Set());
  assert.equal(streams.find(shown), undefined);
  streams.terminate({ uri: uris[0] });
  assert.equal(streams.find(uris[1] ?? '')?.state, 'PROCESSED_REMOTE');
  assert.doesNotMatch(JSON.stringify([streams.list(), streams.viewers()]), /one|two|u:p/);
});

test('made-up credentials of a viewer neither block nor replace the pull of REST', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  watch(streams, 'rtmp://x:y@source.example/live/cam');
  const { pullId } = streams.pull(request('rtmp://u:p@source.example/live/cam'));
  threads[0]?.emit({ kind: 'source.state', state: 'FAILED', reason: 'source.notAuthorised', detail: '' });
  watch(streams, 'rtmp://v:w@source.example/live/cam');
  await pass(100);
  assert.ok(streams.list().some((pull) => pull.pullId === pullId && pull.origin === 'rest'));
});

test('viewers have half of pulls.max, each client a part of it, and REST always has the rest', async (t) => {
  const { streams } = await fakeStreams(t, { pulls: { max: 8, viewerPullsPerClient: 3 } });
  const ask = (n: number, clientIp: string) => watch(streams, `${uri}${n}`, { clientIp });
  for (let n = 0; n < 3; n += 1) ask(n, '192.0.2.1');
  await assert.rejects(ask(3, '192.0.2.1').view, { code: 'request.tooMany' });
  ask(4, '192.0.2.2');
  await assert.rejects(ask(5, '192.0.2.3').view, { code: 'pull.limit' });
  for (let n = 10; n < 14; n += 1) streams.pull(request(`${uri}${n}`));
  assert.throws(() => streams.pull(request(`${uri}20`)), { code: 'pull.limit' });
  assert.equal(streams.list().length, 8);
});

test('pulls of viewers that are over are listed only while their share has room', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { pulls: { max: 4 } });
  for (let n = 0; n < 6; n += 1) {
    watch(streams, `${uri}${n}`);
    await pass(0);
    threads.at(-1)?.emit({ kind: 'source.state', state: 'FAILED', reason: 'source.refused', detail: '' });
  }
  assert.deepEqual(
    streams.list().map(({ localName }) => localName),
    [`${uri}4`, `${uri}5`],
  );
});

test('no thread is started for an address that a viewer names before it answers, and its viewer hears one word', async (t) => {
  const { streams, threads, lines, probe, pass } = await fakeStreams(t);
  const reasons = ['source.refused', 'source.timeout', 'source.nameNotResolved', 'source.addressDenied'] as const;
  for (const [n, reason] of reasons.entries()) {
    probe.answer = () => Promise.reject(new SluiceError(reason, 'the particulars'));
    await assert.rejects(watch(streams, `${uri}${n}`).view, { code: 'source.unavailable', detail: '' });
    assert.equal(await streams.whyUnavailable({ name: `${uri}x${n}`, clientIp: '192.0.2.1' }), 'source.unavailable');
  }
  await pass(60_000);
  assert.equal(threads.length, 0);
  const told = lines.filter(({ event }) => event === 'source.notAnswered').map(({ fields }) => JSON.stringify(fields));
  assert.ok(reasons.every((reason) => told.some((text) => text.includes(reason) && text.includes('the particulars'))));
});

test('an address that a viewer names is dialled again only when it has played', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  const first = watch(streams, uri);
  await pass(0);
  threads[0]?.emit({ kind: 'source.state', state: 'PENDING', reason: 'source.notFound', detail: '' });
  await assert.rejects(first.view, { code: 'source.unavailable' });
  assert.deepEqual([streams.find(uri)?.state, threads[0]?.calls], ['FAILED', ['stop source']]);

  const second = watch(streams, `${uri}2`);
  await pass(0);
  threads[1]?.live();
  threads[1]?.emit({ kind: 'source.media', media: { video: null, audio: someAudio } });
  await second.view;
  threads[1]?.emit({ kind: 'source.state', state: 'PENDING', reason: 'source.ended', detail: '' });
  assert.equal(streams.find(`${uri}2`)?.state, 'PENDING');
});

test('an address that REST wants too is dialled on, whatever became of the first dialling', async (t) => {
  const { streams, threads, probe, pass } = await fakeStreams(t);
  let fail = (_: Error): void => {};
  probe.answer = () =>
    new Promise((_, reject) => {
      fail = reject;
    });
  watch(streams, uri);
  await pass(0);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  fail(new SluiceError('source.refused'));
  await pass(0);
  assert.equal(threads.length, 1);
  threads[0]?.emit({ kind: 'source.state', state: 'PENDING', reason: 'source.refused', detail: '' });
  assert.equal(streams.find('cam')?.state, 'PENDING');
});
