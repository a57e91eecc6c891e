import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { runCampaign } from './campaign.js';
import { readCorpus } from './corpus.js';
import { judge } from './judge.js';
import { targets } from './targets.js';

/** A taste of `npm run fuzz`. */
const timeMs = 500;

test('the corpus has 200 samples or more, and each folder of it is that of a target', () => {
  assert.deepEqual(readdirSync('test/fuzz/corpus').sort(), [...targets.keys()].sort());
  const samples = [...targets.keys()].flatMap(readCorpus);
  assert.ok(samples.length >= 200, `${samples.length} samples`);
});

for (const [name, target] of targets) {
  test(`${name}: every sample of the corpus is read or refused by WireError, in time and within bounds`, () => {
    for (const { name: sample, bytes } of readCorpus(name)) {
      try {
        judge(target, bytes);
      } catch (error) {
        assert.fail(`${name}/${sample}: ${error instanceof Error ? error.stack : error}`);
      }
    }
  });

  test(`${name}: so is whatever comes of changes at random`, (t) => {
    const seed = randomInt(2 ** 31);
    const { runs, finding } = runCampaign({ name, target, timeMs, seed });
    t.diagnostic(`${runs} inputs, seed ${seed}`);
    const hex = Buffer.from(finding?.bytes ?? []).toString('hex');
    assert.equal(finding, null, `seed ${seed}: ${finding?.error}\nof the bytes ${hex}`);
  });
}
