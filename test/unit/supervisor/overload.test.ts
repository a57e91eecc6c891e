import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CoreUse } from '../../../src/core/supervise/free-cores.js';
import type { NetworkUse } from '../../../src/core/supervise/network-use.js';
import { SluiceError } from '../../../src/errors.js';
import { createOverload } from '../../../src/supervisor/overload.js';
import { fakeStreams, request, watch } from '../../support/threads/fake-threads.js';

const limits = { joinsPerSecond: 2, maxCpuPercent: 90, maxLoopLagMs: 500 };

const unknown: NetworkUse = { sentKbps: 5_000_000, receivedKbps: 0, maxKbps: null };

/** The outcome of so many joins at a time: ok, or the code. */
function stage(load: { cpuShare: number; lagMs: number }, given = limits, network = unknown) {
  let nowMs = 0;
  let onLook: (use: CoreUse) => void = () => assert.fail('nobody listens');
  const overload = createOverload({
    limits: given,
    load: {
      get cpuShare() {
        return load.cpuShare;
      },
      network,
      get lagMs() {
        return load.lagMs;
      },
      onLook: (listener) => {
        onLook = listener;
      },
    },
    nowMs: () => nowMs,
  });
  const join = (): Promise<string> =>
    overload.admit(async () => 'ok').catch((error: unknown) => (error instanceof SluiceError ? error.code : 'bug'));
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  /** So many looks, one every half second, at a machine of two cores. */
  const look = (count: number, taken: number, free: number): void => {
    for (let n = 0; n < count; n += 1) {
      nowMs += 500;
      onLook({ cores: 2, taken, free });
    }
  };
  return { overload, join, pass, look };
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

test('nobody joins while the network carries what it is to carry', async () => {
  const network = { sentKbps: 899_999, receivedKbps: 950_000, maxKbps: 900_000 };
  const { join, overload } = stage({ cpuShare: 0, lagMs: 0 }, { ...limits, joinsPerSecond: 0 }, network);
  assert.equal(await join(), 'ok');
  network.sentKbps = 900_000;
  assert.equal(await join(), 'viewer.overloaded');
  await assert.rejects(
    overload.admit(async () => {}),
    { detail: /sends 900 Mbit\/s, .* 900 at most \(viewers\.maxMbps\)/ },
  );
  assert.deepEqual([...overload.refused], [['bandwidth', 2]]);
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

const busy = { ...limits, joinsPerSecond: 0 };

test('while the machine has nothing left joins wait, and come in one after the other when it has', async () => {
  const { join, look, overload } = stage({ cpuShare: 0.8, lagMs: 0 }, busy);
  look(2, 1.8, 0);
  assert.equal(await join(), 'ok', 'a moment is no overload');
  look(1, 1.8, 0);
  const done: number[] = [];
  const joins = Array.from({ length: 6 }, async (_, n) => {
    assert.equal(await join(), 'ok');
    done.push(n);
  });
  look(1, 1.8, 0.05);
  await Promise.resolve();
  assert.deepEqual(done, []);
  look(1, 1.6, 0.35);
  await Promise.all(joins.slice(0, 3));
  assert.deepEqual(done, [0, 1, 2]);
  look(1, 1.6, 0.25);
  look(1, 1.9, 0.1);
  await Promise.all(joins.slice(0, 5));
  assert.deepEqual(done, [0, 1, 2, 3, 4]);
  look(1, 0.9, 0.01);
  await Promise.all(joins);
  assert.deepEqual([...overload.refused], []);
  assert.equal(await join(), 'ok', 'nobody waits any more');
});

test('who has waited for three seconds is refused, and so is at once who finds too many waiting', async () => {
  const { join, look, overload } = stage({ cpuShare: 0.8, lagMs: 0 }, busy);
  look(3, 2, 0);
  const early = Array.from({ length: 300 }, join);
  look(3, 2, 0);
  const late = Array.from({ length: 200 }, join);
  assert.equal(await join(), 'viewer.overloaded');
  look(3, 2, 0);
  assert.deepEqual(new Set(await Promise.all(early)), new Set(['viewer.overloaded']));
  look(3, 2, 0);
  assert.deepEqual(new Set(await Promise.all(late)), new Set(['viewer.overloaded']));
  assert.deepEqual([...overload.refused], [['cpu', 501]]);
});

test('a machine that others fill keeps nobody waiting, nor does a full one where the limit is off', async () => {
  const others = stage({ cpuShare: 0.3, lagMs: 0 }, busy);
  others.look(10, 1.4, 0);
  assert.equal(await others.join(), 'ok');
  const off = stage({ cpuShare: 0.99, lagMs: 0 }, { ...busy, maxCpuPercent: 0 });
  off.look(10, 2, 0);
  assert.equal(await off.join(), 'ok');
});
