/**
 * npm run bench -- survive: how long viewers see nothing when the thread that serves them dies, by the kind of its death, and when it
 * is replaced on purpose.
 */
import assert from 'node:assert/strict';
import { blows } from '../chaos/blows.js';
import { type Felt, gapRows, hit } from '../chaos/feel.js';
import { setChaosStage } from '../chaos/stage.js';
import { printTable, writeResult } from './report.js';

const rounds = 10;
const kinds = ['throw', 'hang', 'heap', 'buffers', 'shard', 'restart', 'source dropped'];

const stage = await setChaosStage({ viewers: [2, 2], inBrowsers: 0, isRecorded: false });
const felt: Felt[] = [];
try {
  const [stream] = stage.streams;
  assert.ok(stream !== undefined);
  for (const blow of blows.filter(({ kind }) => kinds.includes(kind))) {
    for (let round = 0; round < rounds; round += 1) felt.push(await hit(stage, stream, blow));
  }
} finally {
  await stage.end();
}
const rows = gapRows(felt);
printTable('gaps in the video, a keyframe each 0.4 s', rows);
writeResult('survive', { rounds, rows });
