import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BudgetStep, decideBudget, nothingHeld } from '../../../../src/core/supervise/memory-budget.js';

const beatMs = 200;
const budgetBytes = 1000;

/** The steps that are taken, with the beat at which each is; `usedAt`: what is counted at a beat, after so many collections. */
function run(beats: number, usedAt: (beat: number, collections: number) => number): readonly string[] {
  let state = nothingHeld;
  const steps: BudgetStep[] = [];
  const taken: string[] = [];
  for (let beat = 0; beat < beats; beat += 1) {
    const collections = steps.filter((step) => step === 'collect').length;
    const decided = decideBudget(state, usedAt(beat, collections), budgetBytes, beat * beatMs);
    state = decided.state;
    steps.push(decided.step);
    if (decided.step !== 'none') taken.push(`${beat} ${decided.step}`);
    if (decided.step === 'end') break;
  }
  return taken;
}

test('below three quarters of the budget nothing is done', () =>
  assert.deepEqual(
    run(1000, () => 749),
    [],
  ));

test('garbage costs a collection, and nobody anything else', () => {
  assert.deepEqual(
    run(20, (_, collections) => (collections === 0 ? 1500 : 300)),
    ['0 collect'],
  );
});

test('what is really held is given up at three quarters, once, and the thread goes on', () => {
  assert.deepEqual(
    run(1000, () => 900),
    ['0 collect', '1 shed'],
  );
});

test('a thread that holds more than its budget ends at the beat after the collection that has shown it', () => {
  assert.deepEqual(
    run(10, () => 1001),
    ['0 collect', '1 end'],
  );
});

test('a slow leak is collected, gives up what is costly, is collected again, and ends', () => {
  assert.deepEqual(
    run(200, (beat) => 700 + 10 * beat),
    ['5 collect', '6 shed', '30 collect', '31 end'],
  );
});

test('garbage that comes again and again costs a collection in two seconds at most', () => {
  let lastCollected = -10;
  const taken = run(100, (beat, collections) => {
    const isNew = collections > 0 && beat - lastCollected > 5;
    if (isNew) lastCollected = beat;
    return isNew ? 1200 : 100;
  });
  assert.ok(taken.every((step) => step.endsWith('collect')));
});

test('there is room again after half a minute with less than half of the budget', () => {
  assert.deepEqual(
    run(400, (beat) => (beat < 5 ? 900 : beat === 100 ? 600 : 400)),
    ['0 collect', '1 shed', '251 restore'],
  );
});
