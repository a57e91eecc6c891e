import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createReconnect } from '../../../../src/core/rtmp/reconnect.js';

const limits = { firstMs: 200, maxMs: 5000 };

test('the first retry comes after the first delay, the next ones after twice as long each, to 1 s in the first minute', () => {
  const reconnect = createReconnect({ ...limits, random: () => 0 });
  assert.deepEqual(
    [0, 200, 600, 1400, 2400, 59_999].map((nowMs) => reconnect.delayMs(nowMs)),
    [200, 400, 800, 1000, 1000, 1000],
  );
});

test('after a minute of outage the delay grows to the configured cap', () => {
  const reconnect = createReconnect({ ...limits, random: () => 0 });
  for (let nowMs = 0; nowMs < 60_000; nowMs += 1000) reconnect.delayMs(nowMs);
  assert.equal(reconnect.delayMs(60_000), 5000);
});

test('chance shortens a delay by a quarter at most, so that many pulls do not come back as one', () => {
  const reconnect = createReconnect({ ...limits, random: () => 0.999 });
  assert.equal(reconnect.delayMs(0), 150);
  assert.equal(reconnect.delayMs(0), 300);
});

test('10 s of media make the next loss a new outage, less do not', () => {
  const reconnect = createReconnect({ ...limits, random: () => 0 });
  for (const nowMs of [0, 200, 600]) reconnect.delayMs(nowMs);
  reconnect.media(2000);
  reconnect.media(11_000);
  assert.equal(reconnect.isStable(11_999), false);
  assert.equal(reconnect.delayMs(11_999), 1000, 'not stable yet');
  reconnect.media(13_000);
  assert.equal(reconnect.isStable(23_000), true);
  assert.equal(reconnect.delayMs(23_000), 200);
  assert.equal(reconnect.isStable(23_000), false);
});

test('a cap below the first delay holds', () => {
  const reconnect = createReconnect({ firstMs: 2000, maxMs: 500, random: () => 0 });
  assert.deepEqual([reconnect.delayMs(0), reconnect.delayMs(70_000)], [500, 500]);
});

test('a first delay beyond a second is kept in the first minute', () => {
  const reconnect = createReconnect({ firstMs: 3000, maxMs: 9000, random: () => 0 });
  assert.deepEqual(
    [0, 3000, 70_000].map((nowMs) => reconnect.delayMs(nowMs)),
    [3000, 3000, 9000],
  );
});

test('no history makes a delay that is longer than the cap or no time at all', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(90_000), fc.boolean(), fc.double({ min: 0, max: 0.999, noNaN: true }))),
      (steps) => {
        let chance = 0;
        let nowMs = 0;
        const reconnect = createReconnect({ ...limits, random: () => chance });
        for (const [moreMs, isMedia, random] of steps) {
          nowMs += moreMs;
          chance = random;
          if (isMedia) reconnect.media(nowMs);
          const delayMs = reconnect.delayMs(nowMs);
          assert.ok(delayMs >= 150 && delayMs <= 5000, `${delayMs}`);
        }
      },
    ),
  );
});
