import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  afterLoss,
  decideShards,
  noShards,
  placeViewer,
  type ShardSample,
  type ShardState,
} from '../../../../src/core/supervise/shard-policy.js';

const limits = { perShard: 100, maxShards: 2, maxLoopLagMs: 0 };
const sample = (id: number, viewers: number, busyShare = 0.1, lagMs = 0, canMove = false): ShardSample => ({
  id,
  viewers,
  load: { busyShare, lagMs },
  canMove,
});
const movable = (id: number, viewers: number, busyShare = 0.1): ShardSample => sample(id, viewers, busyShare, 0, true);
const decide = (samples: readonly ShardSample[], nowMs = 0, state: ShardState = noShards) =>
  decideShards(state, samples, false, nowMs, limits, 1);

test('a thread is opened when every one is full, up to the limit, one at a time', () => {
  const cases: readonly [samples: readonly ShardSample[], isOpening: boolean, open: boolean][] = [
    [[sample(0, 99)], false, false],
    [[sample(0, 100)], false, true],
    [[sample(0, 100)], true, false],
    [[sample(0, 100), sample(1, 99)], false, false],
    [[sample(0, 140), sample(1, 100)], false, true],
    [[sample(0, 100), sample(1, 100), sample(2, 100)], false, false],
  ];
  for (const [samples, isOpening, open] of cases) {
    assert.equal(decideShards(noShards, samples, isOpening, 0, limits, 0).open, open, JSON.stringify(samples));
  }
});

test('a thread that stays busy with its viewers counts as full; a moment, or few viewers, do not count', () => {
  let { state, open } = decide([sample(0, 40, 0.95)]);
  assert.equal(open, false);
  ({ state, open } = decide([sample(0, 40, 0.95)], 4999, state));
  assert.equal(open, false);
  assert.equal(decide([sample(0, 40, 0.95)], 5000, state).open, true);
  // A pause, and the time begins again.
  ({ state } = decide([sample(0, 40, 0.5)], 5000, state));
  ({ state } = decide([sample(0, 40, 0.95)], 6000, state));
  assert.equal(decide([sample(0, 40, 0.95)], 10_999, state).open, false);
  assert.equal(decide([sample(0, 40, 0.95)], 11_000, state).open, true);
  ({ state } = decide([sample(0, 19, 0.95)]));
  assert.equal(decide([sample(0, 19, 0.95)], 60_000, state).open, false);
});

test('for busy threads another one is opened only where half a core is free, and without a count by nothing else', () => {
  const busy = [sample(0, 40, 0.95)];
  const open = (freeCores: number): boolean =>
    decideShards(decide(busy).state, busy, false, 5000, { ...limits, perShard: 0 }, freeCores).open;
  assert.deepEqual([0, 0.49, 0.5].map(open), [false, false, true]);
  const crowd = [sample(0, 5000)];
  assert.equal(decideShards(noShards, crowd, false, 60_000, { ...limits, perShard: 0 }, 2).open, false);
});

test('a further thread that is empty for half a minute is let go, the own one never', () => {
  let { state } = decide([sample(0, 0), sample(1, 0), sample(2, 5)]);
  ({ state } = decide([sample(0, 0), sample(1, 0), sample(2, 0)], 20_000, state));
  assert.deepEqual(decide([sample(0, 0), sample(1, 0), sample(2, 0)], 29_999, state).close, []);
  assert.deepEqual(decide([sample(0, 0), sample(1, 0), sample(2, 0)], 30_000, state).close, [1]);
  assert.deepEqual(decide([sample(0, 0), sample(1, 1), sample(2, 0)], 50_000, state).close, [2]);
});

test('a further thread that could be done without for half a minute is merged, one at a time, the one with the fewest first', () => {
  const quiet = [sample(0, 20, 0.1), movable(1, 30), movable(2, 10)];
  let { state, merge } = decide(quiet);
  assert.equal(merge, null);
  ({ merge } = decide(quiet, 29_999, state));
  assert.equal(merge, null);
  ({ state, merge } = decide(quiet, 30_000, state));
  assert.equal(merge, 2);
  const left = [sample(0, 30, 0.15), movable(1, 30)];
  ({ state, merge } = decide(left, 31_000, state));
  assert.equal(merge, null, 'its time begins anew with those who came');
  assert.equal(decide(left, 61_000, state).merge, 1);
});

test('no thread is merged that is needed, or whose viewers cannot all go on elsewhere', () => {
  const after = (samples: readonly ShardSample[], isOpening = false): number | null => {
    const look = (state: ShardState, nowMs: number) => decideShards(state, samples, isOpening, nowMs, limits, 1);
    return look(look(noShards, 0).state, 60_000).merge;
  };
  assert.equal(after([sample(0, 20, 0.2), movable(1, 20, 0.2)]), 1);
  assert.equal(after([sample(0, 20, 0.2), movable(1, 20, 0.21)]), null, 'both together are busy');
  assert.equal(
    after([sample(0, 20, 0.2), sample(1, 20, 0.1)]),
    null,
    'one of them is in mid-handshake, or comes by TCP',
  );
  assert.equal(after([sample(0, 20, 0.2), movable(1, 0)]), null, 'nobody is there to move');
  assert.equal(after([sample(0, 20, 0.2), movable(1, 20)], true), null, 'another one is being opened');
  assert.equal(after([movable(0, 20, 0.2)]), null);
  assert.equal(after([sample(0, 50), movable(1, 49)]), 1);
  assert.equal(after([sample(0, 50), movable(1, 50)]), null, 'by their number it would be opened again');
});

test('a thread that is merged is not opened again by the same load', () => {
  const load = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(load, load, fc.nat(500), fc.nat(500), fc.nat(200), (own, other, here, there, perShard) => {
      const of = { perShard, maxShards: 2, maxLoopLagMs: 0 };
      const samples = [sample(0, here, own), movable(1, there, other)];
      const look = (state: ShardState, nowMs: number) => decideShards(state, samples, false, nowMs, of, 1);
      if (look(look(noShards, 0).state, 60_000).merge === null) return;
      const merged = [sample(0, here + there, own + other)];
      const first = decideShards(noShards, merged, false, 0, of, 2);
      assert.deepEqual([first.open, decideShards(first.state, merged, false, 60_000, of, 2).open], [false, false]);
    }),
  );
});

test('after a loss no thread is opened for a while', () => {
  const state = afterLoss(noShards, 1000);
  assert.equal(decide([sample(0, 100)], 5999, state).open, false);
  assert.equal(decide([sample(0, 100)], 6000, state).open, true);
});

test('the next viewer goes where the fewest are and room is, else where the fewest are', () => {
  const busy: ShardState = { ...noShards, busySinceMs: new Map([[1, 0]]) };
  assert.equal(placeViewer(noShards, [], 0, limits), null);
  assert.equal(placeViewer(noShards, [sample(0, 3), sample(1, 3)], 0, limits), 0);
  assert.equal(placeViewer(noShards, [sample(0, 3), sample(1, 2)], 0, limits), 1);
  assert.equal(placeViewer(busy, [sample(0, 3), sample(1, 2)], 5000, limits), 0);
  assert.equal(placeViewer(noShards, [sample(0, 300), sample(1, 200)], 0, limits), 1);
});

test('viewers that come one by one fill each thread before another is opened, and none beyond the limit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.nat(4),
      fc.integer({ min: 1, max: 400 }),
      (perShard, max, count) => {
        const own = { perShard, maxShards: max, maxLoopLagMs: 0 };
        const viewers = [0];
        for (let n = 0; n < count; n += 1) {
          const samples = viewers.map((held, id) => sample(id, held));
          if (decideShards(noShards, samples, false, n, own, 1).open) {
            assert.ok(viewers.every((held) => held >= perShard));
            viewers.push(0);
            samples.push(sample(samples.length, 0));
          }
          const place = placeViewer(noShards, samples, n, own) ?? assert.fail('there is always one');
          viewers[place] = (viewers[place] ?? 0) + 1;
        }
        assert.equal(viewers.length, 1 + Math.min(max, Math.ceil(count / perShard) - 1));
        if (count <= perShard * (max + 1)) assert.ok(viewers.every((held) => held <= perShard));
      },
    ),
  );
});

test('a viewer is refused when every thread was busy all the time, or late, for a second', () => {
  const strict = { ...limits, perShard: 0, maxLoopLagMs: 500 };
  const look = (samples: readonly ShardSample[], nowMs: number, before: ShardState = noShards): ShardState =>
    decideShards(before, samples, false, nowMs, strict, 0).state;
  for (const overloaded of [sample(0, 40, 0.95), sample(0, 40, 0.3, 500)]) {
    const state = look([overloaded], 0);
    assert.equal(placeViewer(look([overloaded], 999, state), [overloaded], 999, strict), 0);
    assert.equal(placeViewer(look([overloaded], 1000, state), [overloaded], 1000, strict), null);
    const withFree = [overloaded, sample(1, 300)];
    assert.equal(placeViewer(look(withFree, 1000, state), withFree, 1000, strict), 1, 'another has room');
    const relieved = [sample(0, 40, 0.94)];
    assert.equal(placeViewer(look(relieved, 1000, state), relieved, 1000, strict), 0);
  }
  const alone = [sample(0, 19, 1)];
  assert.equal(
    placeViewer(look(alone, 60_000, look(alone, 0)), alone, 60_000, strict),
    0,
    'not the viewers are its load',
  );
  const late = [sample(0, 40, 0.3, 60_000)];
  assert.equal(placeViewer(decide(late).state, late, 60_000, limits), 0, 'where no lateness counts');
});
