import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTooSlow, notSlow, type Slowness, stepSlowness } from '../../../../src/core/bandwidth/slowness.js';

const after = (estimates: readonly (number | null)[], sourceBps: number | null = 2_500_000): Slowness =>
  estimates.reduce<Slowness>((state, estimate) => stepSlowness(state, estimate, sourceBps), notSlow);
const low = Array<number>(7).fill(1_000_000);

const cases = [
  ['seven low estimates in a row', after(low), false],
  ['eight low estimates in a row', after([...low, 1_000_000]), true],
  ['one good estimate among them', after([...low, 3_000_000, ...low]), false],
  ['estimates that are nearly enough', after(Array<number>(20).fill(2_300_000)), false],
  ['a viewer that gives none', after(Array<null>(20).fill(null)), false],
  ['a source of unknown bitrate', after([...low, ...low], null), false],
] as const;

for (const [what, state, tooSlow] of cases) {
  test(`${what}: ${tooSlow ? 'too slow' : 'not too slow'}`, () => assert.equal(isTooSlow(state), tooSlow));
}
