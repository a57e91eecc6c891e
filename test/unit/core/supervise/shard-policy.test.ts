import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  afterLoss,
  decideShards,
  type FanoutSign,
  noShards,
  placeViewer,
  type ShardState,
} from '../../../../src/core/supervise/shard-policy.js';

const limits = { perShard: 100, maxShards: 2 };
const sign = (id: number, viewers: number, load = 0.1): FanoutSign => ({ id, viewers, load });
const decide = (signs: readonly FanoutSign[], nowMs = 0, state: ShardState = noShards) =>
  decideShards(state, signs, false, nowMs, limits);

test('a thread is opened when every one is full, up to the limit, one at a time', () => {
  const cases: readonly [signs: readonly FanoutSign[], isOpening: boolean, open: boolean][] = [
    [[sign(0, 99)], false, false],
    [[sign(0, 100)], false, true],
    [[sign(0, 100)], true, false],
    [[sign(0, 100), sign(1, 99)], false, false],
    [[sign(0, 140), sign(1, 100)], false, true],
    [[sign(0, 100), sign(1, 100), sign(2, 100)], false, false],
  ];
  for (const [signs, isOpening, open] of cases) {
    assert.equal(decideShards(noShards, signs, isOpening, 0, limits).open, open, JSON.stringify(signs));
  }
});

test('a thread that stays busy with its viewers counts as full; a moment, or few viewers, do not count', () => {
  let { state, open } = decide([sign(0, 40, 0.95)]);
  assert.equal(open, false);
  ({ state, open } = decide([sign(0, 40, 0.95)], 4999, state));
  assert.equal(open, false);
  assert.equal(decide([sign(0, 40, 0.95)], 5000, state).open, true);
  // A pause, and the time begins anew.
  ({ state } = decide([sign(0, 40, 0.5)], 5000, state));
  ({ state } = decide([sign(0, 40, 0.95)], 6000, state));
  assert.equal(decide([sign(0, 40, 0.95)], 10_999, state).open, false);
  assert.equal(decide([sign(0, 40, 0.95)], 11_000, state).open, true);
  ({ state } = decide([sign(0, 19, 0.95)]));
  assert.equal(decide([sign(0, 19, 0.95)], 60_000, state).open, false);
});

test('a further thread that is empty for half a minute is let go, the own one never', () => {
  let { state } = decide([sign(0, 0), sign(1, 0), sign(2, 5)]);
  ({ state } = decide([sign(0, 0), sign(1, 0), sign(2, 0)], 20_000, state));
  assert.deepEqual(decide([sign(0, 0), sign(1, 0), sign(2, 0)], 29_999, state).close, []);
  assert.deepEqual(decide([sign(0, 0), sign(1, 0), sign(2, 0)], 30_000, state).close, [1]);
  assert.deepEqual(decide([sign(0, 0), sign(1, 1), sign(2, 0)], 50_000, state).close, [2]);
});

test('after a loss no thread is opened for a while', () => {
  const state = afterLoss(noShards, 1000);
  assert.equal(decide([sign(0, 100)], 5999, state).open, false);
  assert.equal(decide([sign(0, 100)], 6000, state).open, true);
});

test('the next viewer goes where the fewest are and room is, else where the fewest are', () => {
  const busy: ShardState = { ...noShards, busySinceMs: new Map([[1, 0]]) };
  assert.equal(placeViewer(noShards, [], 0, limits), null);
  assert.equal(placeViewer(noShards, [sign(0, 3), sign(1, 3)], 0, limits), 0);
  assert.equal(placeViewer(noShards, [sign(0, 3), sign(1, 2)], 0, limits), 1);
  assert.equal(placeViewer(busy, [sign(0, 3), sign(1, 2)], 5000, limits), 0);
  assert.equal(placeViewer(noShards, [sign(0, 300), sign(1, 200)], 0, limits), 1);
});

test('viewers that come one by one fill each thread before another is opened, and none beyond the limit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.nat(4),
      fc.integer({ min: 1, max: 400 }),
      (perShard, max, count) => {
        const own = { perShard, maxShards: max };
        const viewers = [0];
        for (let n = 0; n < count; n += 1) {
          const signs = viewers.map((held, id) => sign(id, held));
          if (decideShards(noShards, signs, false, n, own).open) {
            assert.ok(viewers.every((held) => held >= perShard));
            viewers.push(0);
            signs.push(sign(signs.length, 0));
          }
          const place = placeViewer(noShards, signs, n, own) ?? assert.fail('there is always one');
          viewers[place] = (viewers[place] ?? 0) + 1;
        }
        assert.equal(viewers.length, 1 + Math.min(max, Math.ceil(count / perShard) - 1));
        if (count <= perShard * (max + 1)) assert.ok(viewers.every((held) => held <= perShard));
      },
    ),
  );
});
