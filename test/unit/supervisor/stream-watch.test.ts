import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeStreams, request, watch } from '../../support/threads/fake-threads.js';

const uri = 'rtmp://source.example/live/cam';

test('an alert is told once when it was seen twice, and once when it is over', async (t) => {
  const { streams, threads, lines, pass } = await fakeStreams(t);
  const { pullId } = streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.emit({ kind: 'source.state', state: 'PENDING', reason: 'source.refused', detail: 'ECONNREFUSED' });
  const told = () =>
    lines
      .filter(({ event }) => event.startsWith('alert.'))
      .map(({ level, event, fields }) => [level, event, Reflect.get(fields, 'code')].join(' '));
  await pass(5000);
  assert.deepEqual([told(), streams.alerts(pullId)], [[], []]);
  await pass(20_000);
  assert.deepEqual(told(), ['error alert.began INGRESS_REFUSED']);
  assert.deepEqual(
    streams.alerts(pullId).map(({ code, evidence }) => [code, evidence]),
    [['INGRESS_REFUSED', 'ECONNREFUSED']],
  );
  threads[0]?.live();
  await pass(10_000);
  assert.deepEqual(told(), ['error alert.began INGRESS_REFUSED', 'info alert.ended INGRESS_REFUSED']);
});

test('a moment of trouble is told to nobody', async (t) => {
  const { streams, threads, lines, pass } = await fakeStreams(t);
  streams.pull(request(uri));
  threads[0]?.emit({ kind: 'source.state', state: 'PENDING', reason: 'source.refused', detail: '' });
  await pass(5000);
  threads[0]?.live();
  await pass(20_000);
  assert.deepEqual(
    lines.filter(
      ({ event, fields }) => event.startsWith('alert.') && Reflect.get(fields, 'code') === 'INGRESS_REFUSED',
    ),
    [],
  );
});

test('a diagnosis asks now, and samples are kept of each round', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  const { pullId } = streams.pull(request(uri));
  threads[0]?.live();
  await pass(15_000);
  assert.equal(streams.history(pullId).length, 3);
  const checks = await streams.diagnose(pullId);
  assert.equal(checks.find(({ name }) => name === 'source.play')?.status, 'ok');
  assert.throws(() => streams.history('nobody'), { code: 'pull.notFound' });
  await assert.rejects(streams.diagnose('nobody'), { code: 'pull.notFound' });
});

test('a pull is given another name, which is found, unless another one has it', async (t) => {
  const { streams } = await fakeStreams(t);
  const { pullId } = streams.pull(request(uri, { localStreamName: 'cam' }));
  streams.pull(request(`${uri}2`, { localStreamName: 'other' }));
  assert.equal(streams.rename(pullId, 'gate').localName, 'gate');
  assert.deepEqual([streams.find('gate')?.pullId, streams.find('cam')], [pullId, undefined]);
  assert.throws(() => streams.rename(pullId, 'other'), { code: 'pull.nameTaken' });
  assert.throws(() => streams.rename(pullId, ''), { code: 'request.invalid' });
  assert.equal(streams.rename(pullId, null).givenName, null);
});

test('viewers are told what is wrong in their words, those that come later too, and when it is over', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  const [thread] = threads;
  thread?.live();
  const video = { codec: 'H264', width: 1280, height: 720, profileLevelId: '42e01f' } as const;
  const sound = { codec: 'AAC', sampleRateHz: 44_100, channels: 1 };
  thread?.emit({ kind: 'source.media', media: { video, audio: null } });
  const [first, late]: string[][] = [[], []];
  const hear = (heard: string[] | undefined): Parameters<typeof watch>[2] => ({
    onAlerts: (alerts) => heard?.push(alerts.map(({ code, text }) => `${code}: ${text}`).join()),
  });
  await watch(streams, 'cam', hear(first)).view;
  await pass(5000);
  assert.deepEqual(first, []);
  await pass(5000);
  assert.deepEqual(first, ['INGRESS_NO_AUDIO: The source sends no sound']);
  await watch(streams, 'cam', hear(late)).view;
  assert.deepEqual(late, first);
  thread?.emit({ kind: 'source.media', media: { video, audio: sound } });
  await pass(10_000);
  for (const heard of [first, late]) assert.deepEqual(heard.at(-1), '');
});
