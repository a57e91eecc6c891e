import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { audioFrameSamples, nextDueMs, startSchedule, takeDue } from '../../../../actors/demo/schedule.js';

const fps = 30;

test('frames lie on the grid of full seconds, so that one is made for each full second', () => {
  const { framesMs } = takeDue(startSchedule(990, fps), 1040, fps);
  assert.deepEqual(framesMs, [1000, 1033]);
});

test('an audio frame is due when its last sample is over', () => {
  const schedule = startSchedule(1000, fps);
  assert.deepEqual(takeDue(schedule, 1021, fps).samples, []);
  assert.deepEqual(takeDue(schedule, 1022, fps).samples, [48_000]);
});

test('however the clock is looked at, each frame and each sample comes exactly once', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 200 }), (steps) => {
      let wallMs = 5000;
      let schedule = startSchedule(wallMs, fps);
      const frames: number[] = [];
      const samples: number[] = [];
      for (const step of steps) {
        wallMs += step;
        const due = takeDue(schedule, wallMs, fps);
        schedule = due.schedule;
        frames.push(...due.framesMs);
        samples.push(...due.samples);
        assert.ok(nextDueMs(schedule, fps) > wallMs - 0.001, 'nothing more is due');
      }
      assert.deepEqual(
        frames,
        frames.map((_, n) => Math.round(((150 + n) * 1000) / fps)),
      );
      assert.deepEqual(
        samples,
        samples.map((_, n) => 240_000 + n * audioFrameSamples),
      );
    }),
  );
});

test('after a long pause what was missed is left out', () => {
  const due = takeDue(startSchedule(1000, fps), 11_000, fps);
  assert.deepEqual(due.framesMs, [11_000]);
  assert.deepEqual(due.samples, [11_000 * 48 - audioFrameSamples]);
});
