import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPlayoutDelay } from '../../../../src/core/playout/playout-delay.js';

test('what is late and comes in pieces is one stall, and one that comes later another', () => {
  const delay = createPlayoutDelay(60);
  for (const atMs of [6438, 6588, 6671]) delay.runsDry(atMs);
  assert.equal(delay.ms, 120);
  delay.runsDry(7437);
  assert.equal(delay.ms, 120);
  delay.runsDry(7438);
  assert.equal(delay.ms, 180);
});

test('a stall that lasts adds a step a second, up to a second in all', () => {
  const delay = createPlayoutDelay(60);
  for (let atMs = 0; atMs < 3000; atMs += 50) delay.runsDry(atMs);
  assert.equal(delay.ms, 240);
  for (let atMs = 3000; atMs < 60_000; atMs += 50) delay.runsDry(atMs);
  assert.equal(delay.ms, 1000);
});

test('without a stall it comes down by a quarter of a step every five seconds, to what it began with', () => {
  const delay = createPlayoutDelay(60);
  delay.plays(0);
  delay.runsDry(1000);
  const cameDown: [number, number][] = [];
  for (let atMs = 1000; atMs <= 60_000; atMs += 100) {
    const { ms } = delay;
    delay.plays(atMs);
    if (delay.ms !== ms) cameDown.push([atMs, delay.ms]);
  }
  assert.deepEqual(cameDown, [
    [6000, 105],
    [11_000, 90],
    [16_000, 75],
    [21_000, 60],
  ]);
});

test('a further piece of a stall puts off the time to dare less', () => {
  const delay = createPlayoutDelay(60);
  delay.runsDry(1000);
  delay.runsDry(1900);
  delay.plays(6800);
  assert.equal(delay.ms, 120);
  delay.plays(6900);
  assert.equal(delay.ms, 105);
});
