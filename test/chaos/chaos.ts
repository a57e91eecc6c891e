/**
 * npm run chaos -- [--minutes N] [--seed S] [--kills N] [--throws N]: breaks streams of a running server at random and looks at what
 * their viewers and their neighbours feel of it. Fails on any effect beyond the stream that was hit. `--kills`: so many deaths in a
 * row, and what is left behind after them. `--throws`: single exceptions that may be caught, after each of which all must go on.
 */
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { printTable, writeResult } from '../bench/report.js';
import { createRandom } from '../support/random.js';
import { blows } from './blows.js';
import { type Felt, gapRows, hit } from './feel.js';
import { killInARow } from './kills.js';
import { setChaosStage } from './stage.js';
import { throwOneByOne } from './throws.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string' },
    throws: { type: 'string' },
  },
});

async function breakAtRandom(minutes: number, seed: number): Promise<void> {
  console.log(`seed ${seed}, ${minutes} minutes`);
  const random = createRandom(seed);
  const pick = <T>(things: readonly T[]): T => things[Math.floor(random() * things.length)] ?? assert.fail('nothing');
  const stage = await setChaosStage({ viewers: [2, 2, 2, 2], inBrowsers: 2, isRecorded: true });
  const felt: Felt[] = [];
  try {
    const endMs = performance.now() + minutes * 60_000;
    while (performance.now() < endMs) {
      const one = await hit(stage, pick(stage.streams), pick(blows));
      felt.push(one);
      console.log(`  ${one.kind}: ${Math.round(one.gapMs)} ms, ${one.lost} lost`);
    }
    assert.ok(process.kill(stage.sluice.child.pid, 0), 'the process lives');
  } finally {
    await stage.end();
  }
  const rows = gapRows(felt);
  printTable('gaps in the video of the stream that was hit', rows);
  writeResult('chaos', { seed, minutes, rows });
}

const seed = Number(values.seed);
if (values.throws !== undefined) await throwOneByOne(Number(values.throws));
else if (values.kills !== undefined) await killInARow(Number(values.kills), seed);
else await breakAtRandom(Number(values.minutes), seed);
