import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownTid } from '../../../actors/runtime/beat.js';
import { createThreadLoad } from '../../../actors/viewers/thread-load.js';
import { readThreadTime } from '../../../src/threads/thread-time.js';
import { until } from '../../support/until.js';

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

test('of a loop that never rests the share of a core is what the kernel says that it got, and its loop was busy', () => {
  const measure = createThreadLoad(() => 12, nowMs);
  const before = { atMs: nowMs(), time: readThreadTime(ownTid()) };
  while (nowMs() < before.atMs + 300);
  const { busyShare, cpuShare, lagMs } = measure();
  const time = readThreadTime(ownTid());
  assert.ok(before.time !== null && time !== null);
  const share = (time.ranMs - before.time.ranMs) / (nowMs() - before.atMs);
  assert.ok(Math.abs(cpuShare - share) < 0.1, `${cpuShare} for ${share}`);
  assert.ok(busyShare > 0.9, String(busyShare));
  assert.equal(lagMs, 12);
});

test('of a thread that rests it is next to nothing', async () => {
  const measure = createThreadLoad(() => 0, nowMs);
  await until('it has rested', () => {
    const { busyShare, cpuShare } = measure();
    return busyShare < 0.5 && cpuShare < 0.5;
  });
});
