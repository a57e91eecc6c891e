/** A program: `npm run fuzz:live -- [sessions] [seconds at most]`. */
import { randomInt } from 'node:crypto';
import { recordEnhanced } from '../../support/source/enhanced-recording.js';
import { type LiveOptions, runLive } from './campaign.js';
import { h264Aac } from './recordings.js';

const [sessions = 10_000, seconds = 3600] = process.argv.slice(2).map(Number);
const seed = randomInt(2 ** 31);
const enhanced = await Promise.all([
  recordEnhanced({ video: 'libx265', audio: 'libopus' }),
  recordEnhanced({ video: 'libsvtav1', audio: 'flac' }),
  recordEnhanced({ video: 'libvpx-vp9', audio: 'ac3' }),
]);
console.log(`${sessions} sessions or ${seconds} s, seed ${seed}`);

let nextTold = 1000;
const onProgress: LiveOptions['onProgress'] = (done) => {
  if (done < nextTold) return;
  nextTold += 1000;
  console.log(`${done} sessions`);
};
const report = await runLive({
  sessions,
  timeMs: seconds * 1000,
  seed,
  recordings: [h264Aac(), ...enhanced],
  onProgress,
});
console.log(JSON.stringify(report, null, 2));
const isHarmed = report.controlReconnects > 0 || report.lastLagFrames > 12;
if (report.findings.length > 0 || isHarmed) process.exitCode = 1;
