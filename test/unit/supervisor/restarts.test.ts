import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeStreams, request, watch } from '../../support/threads/fake-threads.js';

const uri = 'rtmp://source.example/live/cam';

test('a thread that crashes is restarted in a quarter of a second; its viewers are notified, other streams are not affected', async (t) => {
  const { streams, threads, lines, pass } = await fakeStreams(t);
  const { pullId } = streams.pull(request(uri, { localStreamName: 'cam' }));
  streams.pull(request(`${uri}2`, { localStreamName: 'neighbour' }));
  for (const thread of threads) thread.live();
  const [viewer, neighbour] = [watch(streams, 'cam'), watch(streams, 'neighbour')];
  await Promise.all([viewer.view, neighbour.view]);
  await pass(10_000);
  threads[0]?.end();
  await pass(0);
  assert.deepEqual([viewer.notified, neighbour.notified], [['ended actor.dead'], []]);
  const crashed = streams.find('cam');
  assert.deepEqual([crashed?.state, crashed?.reason, crashed?.detail], ['PENDING', 'actor.dead', 'boom']);
  assert.deepEqual(
    lines.filter(({ event }) => event === 'actor.ended'),
    [
      {
        level: 'error',
        event: 'actor.ended',
        fields: { name: 'cam', pullId, cause: 'crashed', exitCode: 1, error: 'boom', lifeMs: 10_000 },
      },
    ],
  );
  await pass(250);
  assert.equal(threads.length, 3);
  threads[2]?.live();
  assert.deepEqual([streams.find('cam')?.state, streams.find('cam')?.restarts], ['PROCESSED_REMOTE', 1]);
  assert.equal(streams.find('neighbour')?.restarts, 0);
});

test('the sixth crash in 30 s makes the stream FAILED, with one probe a minute and no effect on another', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(`${uri}2`, { localStreamName: 'neighbour' }));
  streams.pull(request(uri, { localStreamName: 'cam' }));
  for (const waitMs of [250, 500, 1000, 2000, 5000]) {
    threads.at(-1)?.end();
    await pass(waitMs);
  }
  assert.equal(threads.length, 7);
  threads.at(-1)?.end();
  await pass(0);
  assert.deepEqual([streams.find('cam')?.state, streams.find('cam')?.reason], ['FAILED', 'actor.dead']);
  await pass(59_900);
  assert.equal(threads.length, 7);
  assert.equal(streams.find('cam')?.state, 'FAILED', 'it stays listed: it is still wanted');
  await pass(100);
  assert.equal(threads.length, 8);
  assert.equal(streams.find('cam')?.state, 'PENDING');
  threads.at(-1)?.end();
  await pass(59_900);
  assert.equal(threads.length, 8);
  await pass(100);
  threads.at(-1)?.live();
  assert.equal(streams.find('cam')?.state, 'PROCESSED_REMOTE');
  assert.deepEqual([streams.find('neighbour')?.restarts, threads[0]?.calls], [0, []]);
});

test('a FAILED stream that waits for its probe can be pulled again, or terminated, at once', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { supervisor: { maxRestarts: 0, startsAtOnce: 64 } });
  streams.pull(request(uri));
  threads[0]?.end();
  await pass(0);
  assert.equal(streams.pull(request(uri)).state, 'NEW');
  threads[1]?.end();
  await pass(0);
  streams.terminate({ uri });
  await pass(120_000);
  assert.equal(threads.length, 2, 'nobody probes for it any more');
  assert.deepEqual(streams.list(), []);
});

test('a thread that ends by itself with code 0 is not restarted: OTP transient', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(uri));
  threads[0]?.end({ cause: 'stopped', exitCode: 0, error: '' });
  await pass(1000);
  assert.equal(streams.list()[0]?.state, 'STOPPED');
  await pass(60_000);
  assert.deepEqual([threads.length, streams.list().length], [1, 0]);
});

test('a terminated pull whose thread crashes while it stops is not restarted', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(uri));
  const [thread] = threads;
  assert.ok(thread !== undefined);
  thread.stopsWhenAsked = false;
  streams.terminate({ uri });
  thread.end();
  await pass(60_000);
  assert.equal(threads.length, 1);
});

test('a thread without a heartbeat is terminated and its stream restarted; one with a heartbeat is left alone', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  streams.pull(request(`${uri}2`));
  const [hung, healthy] = threads;
  assert.ok(hung !== undefined && healthy !== undefined);
  for (const thread of threads) thread.live();
  hung.isSilent = true;
  await pass(2000);
  assert.deepEqual([hung.done, healthy.done], [['condemn hung', 'terminate'], []]);
  hung.end({ cause: 'hung' });
  await pass(250);
  assert.equal(threads.length, 3);
});

test('a hung thread inside node-av is not terminated but abandoned, and its stream gets a new thread', async (t) => {
  const { streams, threads, escalations, lines, pass } = await fakeStreams(t);
  streams.pull(request(uri));
  const [hung] = threads;
  assert.ok(hung !== undefined);
  hung.inNative = true;
  hung.isSilent = true;
  await pass(4000);
  assert.deepEqual([hung.done, threads.length, escalations.count], [['condemn hung', 'abandon'], 2, 0]);
  assert.ok(lines.some(({ level, event }) => level === 'error' && event === 'actor.abandoned'));
  assert.equal(streams.stuckThreads, 1);
  hung.inNative = false;
  await pass(200);
  assert.deepEqual(hung.done, ['condemn hung', 'abandon', 'terminate']);
  hung.end({ cause: 'hung' });
  await pass(200);
  assert.equal(streams.stuckThreads, 0);
});

test('too many abandoned threads escalate to a new process', async (t) => {
  const supervisor = { startsAtOnce: 64, maxRestarts: 100 };
  const { streams, threads, escalations, lines, pass } = await fakeStreams(t, { supervisor });
  streams.pull(request(uri));
  const stick = async (until: number): Promise<void> => {
    for (let n = 0; n < 300 && threads.length <= until && escalations.count === 0; n += 1) {
      for (const thread of threads) Object.assign(thread, { inNative: true, isSilent: true });
      await pass(1000);
    }
  };
  await stick(16);
  assert.deepEqual([threads.length, escalations.count], [17, 0]);
  await stick(17);
  assert.equal(escalations.count, 1);
  assert.ok(lines.some(({ level, event }) => level === 'fatal' && event === 'actor.cannotBeEnded'));
});

test('a thread that does not stop when asked is terminated after supervisor.stopTimeoutMs', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { supervisor: { stopTimeoutMs: 700, startsAtOnce: 64 } });
  streams.pull(request(uri));
  const [stubborn] = threads;
  assert.ok(stubborn !== undefined);
  stubborn.stopsWhenAsked = false;
  streams.terminate({ uri });
  await pass(600);
  assert.deepEqual(stubborn.done, []);
  await pass(300);
  assert.deepEqual(stubborn.done, ['condemn overdue', 'terminate']);
});

test('starts wait for their turn: a thread that is up, or gone, lets the next one start', async (t) => {
  const { streams, threads } = await fakeStreams(t, { supervisor: { startsAtOnce: 1 } });
  for (let n = 0; n < 4; n += 1) streams.pull(request(`${uri}${n}`));
  assert.equal(threads.length, 1);
  threads[0]?.emit({ kind: 'log', seq: 1, level: 'debug', event: 'actor.up', fields: {} });
  assert.equal(threads.length, 2);
  streams.terminate({ uri: `${uri}2` });
  threads[1]?.live();
  assert.deepEqual(
    threads.map(({ options }) => options.boot.spec.uri),
    [`${uri}0`, `${uri}1`, `${uri}3`],
  );
});
