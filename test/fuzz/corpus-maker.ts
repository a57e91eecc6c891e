/** A program: writes the samples of the corpus that are made or captured (test/fuzz/README.md). Crashes stay as they are. */
import { addSample, forgetMade } from './corpus.js';
import { captureServers } from './seeds/captures.js';
import { codecSeeds } from './seeds/codec.js';
import { guardSeeds } from './seeds/guard.js';
import { makeMediaSeeds } from './seeds/media.js';
import { rtmpSeeds } from './seeds/rtmp.js';
import { signalSeeds } from './seeds/signal.js';
import { textSeeds } from './seeds/text.js';

const sources = [
  rtmpSeeds,
  signalSeeds,
  guardSeeds,
  textSeeds,
  codecSeeds,
  await makeMediaSeeds(),
  await captureServers(),
];
forgetMade();
let written = 0;
for (const seeds of sources) {
  for (const [target, samples] of Object.entries(seeds)) {
    for (const [name, bytes] of Object.entries(samples)) {
      addSample(target, { name, bytes });
      written += 1;
    }
  }
}
console.log(`${written} samples`);
