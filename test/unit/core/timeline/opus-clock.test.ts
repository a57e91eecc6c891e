import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { initialOpusClock, type OpusClockAction, stepOpusClock } from '../../../../src/core/timeline/opus-clock.js';

interface Source {
  /** Exact media time of frame n, in ms, as the stamps' clock tells it. */
  readonly stampMs: (n: number) => number;
  /** What a frame decodes to, in samples of 48 kHz. */
  readonly frameSamples: number;
  readonly frames: number;
}

/** Runs the clock as the transcoder does: obeys every action, and tells what happened. */
function run(source: Source) {
  let state = initialOpusClock();
  let position = source.stampMs(0) * 48;
  let rate = 0;
  const actions: OpusClockAction[] = [];
  const late: number[] = [];
  const steps: number[] = [];
  for (let n = 0; n < source.frames; n += 1) {
    const stepped = stepOpusClock(state, source.stampMs(n), position);
    state = stepped.state;
    const { action } = stepped;
    if (action.kind !== 'keep') actions.push(action);
    if (action.kind === 'correct') rate = action.samples / action.overSamples;
    if (action.kind === 'jump') position += action.samples;
    late.push(source.stampMs(n) - position / 48);
    if (action.kind === 'drop') continue;
    steps.push(rate * 960);
    position += source.frameSamples * (1 + rate);
  }
  return { actions, late, steps, position };
}

const largest = (values: number[]) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const hourOf = (frameMs: number) => Math.ceil(3_600_000 / frameMs);
const aac44Ms = (1024 / 44_100) * 1000;

test('a source whose audio clock is off by 200 ppm stays within 40 ms for an hour, by less than two samples a packet', () => {
  for (const ppm of [200, -200, 700]) {
    const source = { stampMs: (n: number) => n * aac44Ms * (1 + ppm / 1e6), frameSamples: aac44Ms * 48 };
    const { late, actions, steps } = run({ ...source, frames: hourOf(aac44Ms) });
    assert.ok(largest(late) <= 40, `${ppm} ppm`);
    assert.ok(largest(late.slice(-1000)) <= 8, `${ppm} ppm, settled`);
    assert.ok(largest(steps) <= 2);
    assert.ok(actions.length > 100 && actions.every((action) => action.kind === 'correct'));
  }
});

test('stamps rounded or cut to whole milliseconds cause no correction in an hour', () => {
  for (const rate of [48_000, 44_100, 32_000, 22_050, 11_025]) {
    for (const round of [Math.round, Math.floor, Math.ceil]) {
      const frameMs = (1024 / rate) * 1000;
      const stampMs = (n: number) => round(7.3 + n * frameMs);
      assert.deepEqual(run({ stampMs, frameSamples: frameMs * 48, frames: hourOf(frameMs) }).actions, []);
    }
  }
});

test('a steady offset is taken back slowly, and the correction then ends', () => {
  const stampMs = (n: number) => n * 20 + (n > 100 ? 60 : 0);
  const { actions, late } = run({ stampMs, frameSamples: 960, frames: 20_000 });
  assert.ok(actions.every((action) => action.kind === 'correct' && Math.abs(action.samples) <= 80));
  assert.ok(actions.length < 120);
  assert.ok(Math.abs(late.at(-1) ?? 99) < 1.5);
});

test('a hole in the source is jumped over at once, forward, to the very sample', () => {
  const stampMs = (n: number) => n * 20 + (n >= 500 ? 730 : 0);
  const { actions, late } = run({ stampMs, frameSamples: 960, frames: 1000 });
  assert.deepEqual(actions, [{ kind: 'jump', samples: 730 * 48 }]);
  assert.equal(late.at(-1), 0);
});

test('a count far ahead of the stamps waits by leaving frames out, never by going back', () => {
  const stampMs = (n: number) => n * 20 - (n >= 500 ? 300 : 0);
  const { actions, late } = run({ stampMs, frameSamples: 960, frames: 2000 });
  assert.equal(actions.filter((action) => action.kind === 'drop').length, 15);
  assert.equal(actions.filter((action) => action.kind === 'jump').length, 0);
  assert.ok(Math.abs(late.at(-1) ?? 99) <= 10);
});

test('whatever the stamps do, positions never go back and a correction stays below one sample a packet', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -400, max: 400 }), { minLength: 200, maxLength: 400 }), (jitter) => {
      let state = initialOpusClock();
      let position = 0;
      for (let n = 0; n < jitter.length * 5; n += 1) {
        const { state: next, action } = stepOpusClock(state, n * 20 + (jitter[n % jitter.length] ?? 0), position);
        state = next;
        if (action.kind === 'jump') assert.ok(action.samples > 4800);
        if (action.kind === 'jump') position += action.samples;
        if (action.kind === 'correct') assert.ok(Math.abs(action.samples / action.overSamples) * 960 < 1);
        if (action.kind !== 'drop') position += 960;
      }
    }),
    { numRuns: 100 },
  );
});
