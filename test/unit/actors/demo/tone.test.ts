import assert from 'node:assert/strict';
import { test } from 'node:test';
import { audioRateHz, fillTone } from '../../../../actors/demo/tone.js';

const loudest = (pcm: Float32Array): number => pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

const audioAt = (firstSample: number, samples: number): Float32Array => {
  const pcm = new Float32Array(samples);
  fillTone(pcm, firstSample);
  return pcm;
};

test('each full second begins with 100 ms of beep over a quiet tone', () => {
  const second = 1_750_000_000 * audioRateHz;
  assert.ok(loudest(audioAt(second, 4800)) > 0.4);
  assert.ok(loudest(audioAt(second + 4800, 43_200)) < 0.06);
  assert.ok(loudest(audioAt(second + 4800, 43_200)) > 0.04);
});

test('pieces joined are the same as one piece, over the end of a second too', () => {
  const from = 47_000;
  const whole = audioAt(from, 3000);
  assert.deepEqual([...audioAt(from, 1024), ...audioAt(from + 1024, 1976)], [...whole]);
});
