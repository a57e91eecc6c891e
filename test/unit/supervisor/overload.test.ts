import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SluiceError } from '../../../src/errors.js';
import { createOverload } from '../../../src/supervisor/overload.js';
import { fakeStreams, request, watch } from '../../support/threads/fake-threads.js';

const limits = { joinsPerSecond: 2, maxCpuPercent: 90, maxLoopLagMs: 500 };

/** The outcome of so many joins at a time: ok, or the code. */
function stage(load: { cpuShare: number; lagMs: number }, given = limits) {
  let nowMs = 0;
  const overload = createOverload({ limits: given, load, nowMs: () => nowMs });
  const join = (): Promise<string> =>
    overload.admit(async () => 'ok').catch((error: unknown) => (error instanceof SluiceError ? error.code : 'bug'));
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { overload, join, pass };
}

test('so many join in a second, and as many at once after a pause', async () => {
  const { join, pass, overload } = stage({ cpuShare: 0, lagMs: 0 });
  assert.deepEqual([await join(), await join(), await join()], ['ok', 'ok', 'viewer.overloaded']);
  pass(500);
  assert.deepEqual([await join(), await join()], ['ok', 'viewer.overloaded']);
  pass(60_000);
  assert.deepEqual([await join(), await join(), await join()], ['ok', 'ok', 'viewer.overloaded']);
  assert.deepEqual([...overload.refused], [['joins', 3]]);
});

test('nobody joins while the process has all of the machine, or its main thread is late', async () => {
  const load = { cpuShare: 0.89, lagMs: 499 };
  const { join, overload } = stage(load, { ...limits, joinsPerSecond: 0 });
  assert.equal(await join(), 'ok');
  load.cpuShare = 0.9;
  assert.equal(await join(), 'viewer.overloaded');
  load.cpuShare = 0.1;
  load.lagMs = 500;
  assert.equal(await join(), 'viewer.overloaded');
  load.lagMs = 0;
  assert.equal(await join(), 'ok');
  assert.deepEqual(
    [...overload.refused],
    [
      ['cpu', 1],
      ['loopLag', 1],
    ],
  );
});

test('where no limit is set nobody is refused', async () => {
  const { join } = stage({ cpuShare: 1, lagMs: 60_000 }, { joinsPerSecond: 0, maxCpuPercent: 0, maxLoopLagMs: 0 });
  assert.deepEqual(await Promise.all(Array.from({ length: 1000 }, join)), Array(1000).fill('ok'));
});

test('who is refused takes no place from others, and what the threads of a stream refuse is counted', async (t) => {
  const { streams, threads } = await fakeStreams(t, { viewers: { joinsPerSecond: 2, max: 2 } });
  streams.pull(request('rtmp://source.example/live/cam', { localStreamName: 'cam' }));
  const [thread] = threads;
  assert.ok(thread !== undefined);
  thread.live();
  thread.joins = () => Promise.reject(new SluiceError('viewer.overloaded', 'the threads of this stream'));
  await assert.rejects(watch(streams, 'cam').view, { code: 'viewer.overloaded' });
  await assert.rejects(watch(streams, 'cam').view, { code: 'viewer.overloaded' });
  await assert.rejects(watch(streams, 'cam').view, { code: 'viewer.overloaded', detail: /joinsPerSecond/ });
  assert.deepEqual(streams.supervision().refused, { thread: 2, joins: 1 });
  assert.equal(streams.find('cam')?.viewers, 0);
});
