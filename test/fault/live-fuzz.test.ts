import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { runLive } from '../fuzz/live/campaign.js';
import { h264Aac } from '../fuzz/live/recordings.js';
import { judged } from '../support/judged.js';

/** A taste of `npm run fuzz:live`. */
const sessions = 100;
/** Half a second: the machine is busy, and the origin shares this process. */
const maxLagFrames = 12;

test(`${sessions} sessions whose bytes are flipped, cut and repeated in transit kill no thread, and harm no other stream`, async (t) => {
  const seed = randomInt(2 ** 31);
  const report = await judged(t, {
    measure: () => runLive({ sessions, timeMs: 300_000, seed, recordings: [h264Aac()] }),
    isGood: ({ worstLagFrames }) => worstLagFrames <= maxLagFrames,
    words: ({ worstLagFrames }) => `${worstLagFrames} frames behind`,
    windows: 1,
  });
  t.diagnostic(`seed ${seed}: ${JSON.stringify(report)}`);
  assert.ok(report.sessions >= sessions, `${report.sessions} sessions`);
  assert.deepEqual(report.findings, []);
  assert.equal(report.controlReconnects, 0);
  assert.ok(report.controlFrames > 0);
});
