import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { runLive } from '../fuzz/live/campaign.js';
import { h264Aac } from '../fuzz/live/recordings.js';

/** A taste of `npm run fuzz:live`. */
const sessions = 100;
/** Half a second: the machine is busy, and the origin shares this process. */
const maxLagFrames = 12;

test(`${sessions} sessions whose bytes are flipped, cut and repeated on the way kill no thread, and harm no other stream`, async (t) => {
  const seed = randomInt(2 ** 31);
  const report = await runLive({ sessions, timeMs: 60_000, seed, recordings: [h264Aac()] });
  t.diagnostic(`seed ${seed}: ${JSON.stringify(report)}`);
  assert.ok(report.sessions >= sessions, `${report.sessions} sessions`);
  assert.deepEqual(report.findings, []);
  assert.equal(report.controlReconnects, 0);
  assert.ok(
    report.controlFrames > 0 && report.worstLagFrames <= maxLagFrames,
    `${report.worstLagFrames} frames behind`,
  );
});
