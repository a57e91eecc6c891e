import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type ChildExit,
  decideRestart,
  neverRestarted,
  type PolicyLimits,
  type RestartHistory,
} from '../../../../src/core/supervise/policy.js';

const limits: PolicyLimits = { maxRestarts: 5, restartWindowMs: 30_000, probeMs: 60_000 };
const latest = 1 - Number.EPSILON;

/** Lets a child crash at these times (ms), each start taking no time, and tells what was decided. */
function crash(timesMs: readonly number[], random = latest): readonly string[] {
  let history: RestartHistory = neverRestarted;
  return timesMs.map((atMs) => {
    const decided = decideRestart(history, 'abnormal', atMs, random, limits);
    history = decided.history;
    const { decision } = decided;
    if (decision.kind === 'restart') return `restart ${Math.round(decision.afterMs)}`;
    return decision.kind === 'failed' ? `failed ${decision.probeAfterMs}` : 'end';
  });
}

const exits: readonly { exit: ChildExit; decision: string }[] = [
  { exit: 'asked', decision: 'end' },
  { exit: 'normal', decision: 'end' },
  { exit: 'abnormal', decision: 'restart' },
];
for (const { exit, decision } of exits) {
  test(`a transient child whose end is ${exit} gets: ${decision}`, () => {
    assert.equal(decideRestart(neverRestarted, exit, 0, 0, limits).decision.kind, decision);
  });
}

const histories = [
  { name: 'a first crash', crashes: [0], decided: ['restart 0'] },
  {
    name: 'a crash loop: OTP allows MaxR restarts, one more crash within MaxT fails',
    crashes: [0, 250, 750, 1750, 3750, 8750],
    decided: ['restart 0', 'restart 250', 'restart 500', 'restart 1000', 'restart 2000', 'failed 60000'],
  },
  {
    name: 'the sixth crash at the end of the window, which OTP counts in',
    crashes: [0, 300, 1000, 2500, 5000, 29_000],
    decided: ['restart 0', 'restart 250', 'restart 500', 'restart 1000', 'restart 2000', 'failed 60000'],
  },
  {
    name: 'a child that ran longer than the window starts over with its back-off',
    crashes: [0, 300, 1000, 40_000],
    decided: ['restart 0', 'restart 250', 'restart 500', 'restart 0'],
  },
  {
    name: 'one crash each 8 s, less than MaxR in MaxT, goes on for ever',
    crashes: [0, 8000, 16_000, 24_000, 32_000, 40_000, 48_000, 56_000, 64_000, 72_000],
    decided: ['restart 0', 'restart 250', 'restart 500', ...Array(7).fill('restart 1000')],
  },
  {
    name: 'a probe that crashes fails again at once, one that lived long counts as mended',
    crashes: [0, 250, 750, 1750, 3750, 8750, 68_800, 128_900, 230_000],
    decided: [
      'restart 0',
      'restart 250',
      'restart 500',
      'restart 1000',
      'restart 2000',
      'failed 60000',
      'failed 60000',
      'failed 60000',
      'restart 0',
    ],
  },
] as const;
for (const { name, crashes, decided } of histories) {
  test(`restarts: ${name}`, () => assert.deepEqual(crash(crashes), decided));
}

test('jitter takes up to half of the back-off away and adds none, so that the first restart is always quick', () => {
  assert.deepEqual(crash([0, 1], 0), ['restart 0', 'restart 125']);
});

test('with no restarts allowed the first crash fails', () => {
  const { decision } = decideRestart(neverRestarted, 'abnormal', 0, 0, { ...limits, maxRestarts: 0 });
  assert.equal(decision.kind, 'failed');
});

test('never are there more than MaxR restarts in any MaxT, nor more than one probe in its time, in any history', () => {
  const lives = fc.array(
    fc.record({ livedMs: fc.nat(20_000), random: fc.double({ min: 0, max: latest, noNaN: true }) }),
    {
      maxLength: 60,
    },
  );
  const bounds = fc.record({
    maxRestarts: fc.nat(8),
    restartWindowMs: fc.integer({ min: 1, max: 60_000 }),
    probeMs: fc.integer({ min: 1, max: 90_000 }),
  });
  fc.assert(
    fc.property(lives, bounds, (children, some) => {
      let history = neverRestarted;
      let nowMs = 0;
      const startsMs: number[] = [];
      const probesMs: number[] = [];
      for (const { livedMs, random } of children) {
        nowMs += livedMs;
        const decided = decideRestart(history, 'abnormal', nowMs, random, some);
        const { decision } = decided;
        if (decision.kind === 'end') assert.fail('a crash ended a transient child');
        nowMs += decision.kind === 'restart' ? decision.afterMs : decision.probeAfterMs;
        (decision.kind === 'restart' ? startsMs : probesMs).push(nowMs);
        history = decided.history;
        assert.ok(history.restartsAtMs.length <= some.maxRestarts + 1);
      }
      for (const lastMs of startsMs) {
        const within = startsMs.filter((atMs) => atMs <= lastMs && atMs >= lastMs - some.restartWindowMs);
        assert.ok(within.length <= some.maxRestarts);
      }
      probesMs.forEach((atMs, n) => {
        const beforeMs = probesMs[n - 1];
        // Sums of fractions are out by their last bit.
        assert.ok(beforeMs === undefined || atMs - beforeMs >= some.probeMs - 1e-6);
      });
    }),
    { numRuns: 20_000 },
  );
});
