import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldSample } from '../../../../actors/fragments/held-sample.js';

const firstDuration = 3000;
const sampleAt = (dts: number) =>
  ({ track: 'video', data: Uint8Array.of(1), isKeyframe: false, dts, pts: dts }) as const;
const timesOf = (sample: ReturnType<HeldSample['take']>) => sample && [sample.dts, sample.duration];

test('a sample lasts until the next one', () => {
  const held = new HeldSample(firstDuration);
  assert.equal(held.push(sampleAt(0)), null);
  assert.deepEqual(timesOf(held.push(sampleAt(2970))), [0, 2970]);
  assert.equal(held.push(sampleAt(2970)), null, 'no later than the last one');
  assert.deepEqual(timesOf(held.push(sampleAt(6030))), [2970, 3060]);
  assert.deepEqual(timesOf(held.take()), [6030, 3060]);
  assert.equal(held.take(), null);
});

test('one that goes out without the next lasts as long as the last one, be that gone out without its next or not', () => {
  const held = new HeldSample(firstDuration);
  held.push(sampleAt(0));
  assert.deepEqual(timesOf(held.take()), [0, firstDuration]);
  // Two pictures a second.
  assert.equal(held.push(sampleAt(45_000)), null);
  assert.deepEqual(timesOf(held.take()), [45_000, 45_000]);
  // It was late, and had not lasted so long: none is left out.
  assert.equal(held.push(sampleAt(48_000)), null);
  assert.deepEqual(timesOf(held.push(sampleAt(51_000))), [48_000, 3000]);
});
