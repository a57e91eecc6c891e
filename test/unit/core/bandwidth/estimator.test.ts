import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createBandwidthEstimator } from '../../../../src/core/bandwidth/estimator.js';
import { between, mean, type Path, quantile, randomFrom, type Source, simulate } from './bottleneck.js';

const limits = { minBps: 100_000, maxBps: 6_000_000 } as const;
const source: Source = { limits, adaptMs: 250, keyEvery: 60, keyTimes: 3 };
const wide = 20_000_000;
const path = (seed: number): Path => ({
  capacityBps: () => wide,
  queueMs: 300,
  delayMs: 25,
  jitterMs: 5,
  lossShare: () => 0,
  random: randomFrom(seed),
});

test('behind any narrow place the rate settles at 75 to 100 % of it, and no queue stands', () => {
  const anyWay = fc.record({
    capacityBps: fc.integer({ min: 400_000, max: 4_000_000 }),
    queueMs: fc.integer({ min: 200, max: 1000 }),
    delayMs: fc.integer({ min: 1, max: 120 }),
    jitterMs: fc.integer({ min: 0, max: 15 }),
    skewPpm: fc.integer({ min: -200, max: 200 }),
    adaptMs: fc.constantFrom(50, 250),
    keyTimes: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(anyWay, ({ capacityBps, adaptMs, keyTimes, seed, ...rest }) => {
      const moments = simulate(
        { ...path(seed), ...rest, capacityBps: () => capacityBps },
        { ...source, adaptMs, keyTimes },
        45_000,
      );
      const settled = between(moments, 15_000, 45_000);
      const share = mean(settled.map(({ estimateBps }) => estimateBps)) / capacityBps;
      assert.ok(share >= 0.75 && share <= 1, `the estimate is ${share.toFixed(2)} of what passes`);
      const queues = settled.map(({ queueMs }) => queueMs);
      assert.ok(quantile(queues, 0.5) <= 50, `half of the time ${quantile(queues, 0.5)} ms wait`);
      // The worst of some 10,000 paths was 110.7: two keyframes at once, no jitter, a drifting clock.
      assert.ok(quantile(queues, 0.95) <= 115, `${quantile(queues, 0.95)} ms wait`);
    }),
    { numRuns: 60 },
  );
});

test('a path that narrows is followed within two seconds, and one that widens again within twenty', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const capacityBps = (atMs: number): number => (atMs >= 10_000 && atMs < 30_000 ? 800_000 : wide);
    const moments = simulate({ ...path(seed), capacityBps }, { ...source, limits: { ...limits, maxBps: 3e6 } }, 60_000);
    for (const { estimateBps } of between(moments, 1000, 10_000)) assert.equal(estimateBps, 3e6);
    const narrow = between(moments, 12_000, 30_000);
    assert.ok(narrow.every(({ estimateBps }) => estimateBps <= 1.1 * 800_000));
    assert.ok(narrow.every(({ estimateBps }) => estimateBps >= 0.6 * 800_000));
    assert.ok(
      quantile(
        narrow.map(({ queueMs }) => queueMs),
        0.95,
      ) <= 130,
    );
    assert.ok(between(moments, 50_000, 60_000).every(({ estimateBps }) => estimateBps >= 2.9e6));
  }
});

test('loss above a tenth backs off to the least, some loss does not, and without loss the rate comes back', () => {
  const run = (share: number) =>
    simulate({ ...path(7), lossShare: (atMs) => (atMs >= 5000 && atMs < 30_000 ? share : 0) }, source, 90_000);
  for (const share of [0.2, 0.4]) {
    const moments = run(share);
    const lossy = between(moments, 6000, 30_000).map(({ estimateBps }) => estimateBps);
    assert.deepEqual(
      lossy,
      lossy.toSorted((a, b) => b - a),
      'it only goes down',
    );
    assert.equal(lossy.at(-1), limits.minBps);
    assert.equal(moments.at(-1)?.estimateBps, limits.maxBps);
  }
  assert.ok(run(0.05).every(({ estimateBps }) => estimateBps === limits.maxBps));
});

test('jitter without a queue is no reason to send less', () => {
  for (const jitterMs of [0, 20, 50]) {
    const moments = simulate({ ...path(3), jitterMs, skewPpm: 200 }, source, 30_000);
    assert.ok(
      moments.every(({ estimateBps }) => estimateBps === limits.maxBps),
      `${jitterMs} ms`,
    );
  }
});

test('a queue that overflows before it delays much is never full for long at a cost of more than a tenth', () => {
  for (const capacityBps of [700_000, 2_000_000]) {
    const moments = simulate({ ...path(5), queueMs: 60, capacityBps: () => capacityBps }, source, 45_000);
    const settled = between(moments, 15_000, 45_000);
    const passed = mean(settled.map((moment) => moment.passedBps)) / capacityBps;
    assert.ok(passed >= 0.75 && passed <= 1.01, `${passed.toFixed(2)} of the way is used`);
    const lost = settled.reduce((sum, moment) => sum + moment.lost, 0);
    const packets = (capacityBps * 30) / (1200 * 8);
    assert.ok(lost <= 0.1 * packets, `${lost} of some ${packets.toFixed(0)} packets are lost`);
  }
});

test('whatever is reported, the estimate stays within its bounds and is a number', () => {
  const packet = fc.record({
    sentMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
    arrivedMs: fc.option(fc.double({ min: -1e10, max: 1e10, noNaN: true })),
    bytes: fc.integer({ min: 0, max: 1500 }),
  });
  const report = fc.record({ feedback: fc.array(packet, { maxLength: 100 }), stepMs: fc.nat(5000) });
  const bounds = fc.tuple(fc.integer({ min: 50_000, max: 1e6 }), fc.integer({ min: 1e6, max: 5e7 }));
  fc.assert(
    fc.property(fc.array(report, { maxLength: 30 }), bounds, (reports, [minBps, maxBps]) => {
      const estimator = createBandwidthEstimator();
      let nowMs = 0;
      for (const { feedback, stepMs } of reports) {
        nowMs += stepMs;
        estimator.take(feedback, { minBps, maxBps }, nowMs);
        const { bps } = estimator;
        assert.ok(bps === null || (bps >= minBps && bps <= maxBps), `${bps}`);
      }
    }),
  );
});

test('there is no estimate before the first report, and the first one is the most there is use for', () => {
  const estimator = createBandwidthEstimator();
  estimator.take([], limits, 0);
  assert.equal(estimator.bps, null);
  estimator.take([{ sentMs: 0, arrivedMs: 5, bytes: 1200 }], limits, 100);
  assert.equal(estimator.bps, limits.maxBps);
});

test('a clock of the receiver that jumps is no queue', () => {
  const estimator = createBandwidthEstimator();
  for (let n = 0; n < 1000; n += 1) {
    const sentMs = n * 20;
    const jumpMs = n < 300 ? 0 : n < 600 ? 1e6 : -1e6;
    estimator.take([{ sentMs, arrivedMs: sentMs + jumpMs, bytes: 1200 }], { ...limits, maxBps: 500_000 }, sentMs + 10);
  }
  assert.equal(estimator.bps, 500_000);
});
