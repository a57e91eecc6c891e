import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillSound, soundRateHz } from '../../../../actors/demo/sound.js';

const loudest = (pcm: Float32Array): number => pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

const soundAt = (firstSample: number, samples: number): Float32Array => {
  const pcm = new Float32Array(samples);
  fillSound(pcm, firstSample);
  return pcm;
};

test('each full second begins with 100 ms of beep over a quiet tone', () => {
  const second = 1_750_000_000 * soundRateHz;
  assert.ok(loudest(soundAt(second, 4800)) > 0.4);
  assert.ok(loudest(soundAt(second + 4800, 43_200)) < 0.06);
  assert.ok(loudest(soundAt(second + 4800, 43_200)) > 0.04);
});

test('pieces joined are the same as one piece, over the end of a second too', () => {
  const from = 47_000;
  const whole = soundAt(from, 3000);
  assert.deepEqual([...soundAt(from, 1024), ...soundAt(from + 1024, 1976)], [...whole]);
});
