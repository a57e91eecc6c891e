import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeStreams, request } from '../../support/threads/fake-threads.js';

const uri = 'rtmp://source.example/live/cam';

test('the tree shows a stream from its wait to its end: state, restarts, last end, next try', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { supervisor: { maxRestarts: 1, startsAtOnce: 1 } });
  const { pullId } = streams.pull(request(uri, { localStreamName: 'cam' }));
  const waiting = streams.pull(request(`${uri}2`, { localStreamName: 'second' }));
  const shown = (id: string) => streams.supervision().children.find((child) => child.id === id) ?? assert.fail(id);
  assert.equal(shown(pullId).state, 'starting');
  assert.deepEqual([shown(waiting.pullId).state, shown(waiting.pullId).memory], ['waiting', null]);
  threads[0]?.live();
  await pass(100);
  assert.deepEqual(
    [shown(pullId).state, shown(pullId).memory, shown(pullId).loopLagMs],
    ['running', { usedBytes: 1_048_576, budgetBytes: 268_435_456 }, 0],
  );

  const diedMs = Date.now();
  threads[0]?.end({ cause: 'memory', error: 'it held 257 of 256 MiB' });
  await pass(0);
  const { state, lastEnd, nextTryAtMs, memory } = shown(pullId);
  assert.deepEqual([state, memory, nextTryAtMs], ['restarting', null, diedMs]);
  assert.deepEqual(lastEnd, { cause: 'memory', error: 'it held 257 of 256 MiB', atMs: diedMs });
  await pass(1);
  assert.deepEqual([shown(pullId).state, shown(pullId).restarts, shown(pullId).nextTryAtMs], ['waiting', 1, null]);

  threads[1]?.live();
  await pass(100);
  threads[2]?.end();
  await pass(0);
  assert.deepEqual([shown(pullId).state, shown(pullId).nextTryAtMs], ['failed', Date.now() + 60_000]);
  assert.deepEqual(
    streams.supervision().ends.toSorted((one, other) => one.cause.localeCompare(other.cause)),
    [
      { kind: 'stream', cause: 'crashed', count: 1 },
      { kind: 'stream', cause: 'memory', count: 1 },
    ],
  );
});

test('a stream that is asked to stop is shown as ending, and the pool and children of others stand beside it', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  const { pullId } = streams.pull(request(uri));
  threads[0]?.live();
  await pass(100);
  assert.ok(threads[0] !== undefined);
  threads[0].stopsWhenAsked = false;
  streams.terminate({ uri });
  const [stream, pool] = streams.supervision().children;
  assert.deepEqual([stream?.id, stream?.state], [pullId, 'ending']);
  assert.deepEqual([pool?.kind, pool?.state], ['pool', 'ended']);
  const demo = { ...(pool ?? assert.fail()), kind: 'demo', id: 'demo' } as const;
  streams.register(() => demo);
  assert.deepEqual(streams.supervision().children.at(-1), demo);
});
