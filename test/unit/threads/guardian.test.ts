import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ThreadSample } from '../../../src/core/supervise/watchdog.js';
import { createGuardian } from '../../../src/threads/guardian.js';

const resting: ThreadSample = {
  id: 'stream',
  beat: 1,
  inNative: false,
  isLoading: false,
  isStopping: false,
  isLeaving: false,
  time: null,
};

// 100 streams, ten ticks a second: a file of /proc each was a third of what idle streams cost.
test('a tick reads the memory of a thread, and not its CPU time', async () => {
  const limits = { hangMs: 60_000, stopMs: 60_000, nowMs: () => performance.now() };
  const memory = { ceilingBytes: 1e9, residentBytes: () => 1e6, close: () => {} };
  const guardian = createGuardian({ ...limits, log: () => {}, onEscalation: () => assert.fail(), memory });
  const looked = { samples: 0, usedBytes: 0, cpuMs: 0 };
  await new Promise<void>((resolve) => {
    const vitals = {
      get usedBytes() {
        looked.usedBytes += 1;
        return 1e6;
      },
      budgetBytes: 1e8,
      lagMs: 0,
      get cpuMs() {
        looked.cpuMs += 1;
        return 1;
      },
    };
    guardian.add(
      {
        id: resting.id,
        vitals,
        gone: new Promise(() => {}),
        sample() {
          looked.samples += 1;
          if (looked.samples === 3) resolve();
          return { ...resting, beat: looked.samples };
        },
        condemn: () => assert.fail(),
        terminate: () => assert.fail(),
        abandon: () => assert.fail(),
      },
      'cam',
    );
  });
  guardian.close();
  assert.ok(looked.usedBytes >= 2);
  assert.equal(looked.cpuMs, 0);
});
