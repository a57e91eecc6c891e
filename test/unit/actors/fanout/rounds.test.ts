import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextRound, type Rounds, roundsFrom } from '../../../../actors/fanout/rounds.js';

test('a frame of up to 32 packets goes out at once, whatever went before', () => {
  let rounds = roundsFrom(100);
  for (const packets of [1, 9, 32, 32, 1]) {
    const end = rounds.released + packets;
    rounds = nextRound(rounds, { first: 0, end }, 0);
    assert.equal(rounds.released, end);
  }
});

test('a keyframe of 85 packets goes out in rounds of 16, two milliseconds from start to start', () => {
  const log = { first: 0, end: 85 };
  let rounds = roundsFrom(0);
  const seen: [number, number][] = [];
  for (let nowMs = 0; nowMs < 20; nowMs += 0.5) {
    const next = nextRound(rounds, log, nowMs);
    if (next.released !== rounds.released) seen.push([nowMs, next.released]);
    rounds = next;
  }
  assert.deepEqual(seen, [
    [0, 16],
    [2, 32],
    [4, 48],
    [6, 64],
    [8, 85],
  ]);
});

test('what comes behind a keyframe waits for it, and goes out with its last round', () => {
  let rounds = nextRound(roundsFrom(0), { first: 0, end: 40 }, 0);
  assert.equal(nextRound(rounds, { first: 0, end: 49 }, 1.9).released, 16);
  rounds = nextRound(rounds, { first: 0, end: 49 }, 2);
  assert.equal(rounds.released, 32);
  rounds = nextRound(rounds, { first: 0, end: 49 }, 4);
  assert.equal(rounds.released, 49);
  // Nothing is left of the pause.
  assert.equal(nextRound(rounds, { first: 0, end: 58 }, 4.1).released, 58);
});

test('what has left the history is not waited for', () => {
  const rounds = nextRound(roundsFrom(0), { first: 1000, end: 1010 }, 0);
  assert.equal(rounds.released, 1010);
});

test('of whatever is published, all goes out in order and soon', () => {
  const frame = fc.record({ packets: fc.integer({ min: 0, max: 4000 }), afterMs: fc.integer({ min: 0, max: 50 }) });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 40 }), (frames) => {
      let rounds: Rounds = roundsFrom(0);
      let [end, nowMs] = [0, 0];
      const tick = (): void => {
        const next = nextRound(rounds, { first: 0, end }, nowMs);
        assert.ok(next.released >= rounds.released && next.released <= end);
        const most = Math.max(32, Math.ceil((end - rounds.released) / 20));
        assert.ok(next.released - rounds.released <= most, 'no more in one round');
        rounds = next;
        nowMs += 1;
      };
      for (const { packets, afterMs } of frames) {
        for (let ms = 0; ms < afterMs; ms += 1) tick();
        end += packets;
      }
      // By a twentieth of the rest each time, and by 16 in the end.
      const rest = end - rounds.released;
      const worstMs = 2 * (20 * Math.ceil(Math.log(Math.max(1, rest / 320))) + 20) + 4;
      for (let ms = 0; ms <= worstMs; ms += 1) tick();
      assert.equal(rounds.released, end, `${rest} packets in ${worstMs} ms`);
    }),
  );
});
