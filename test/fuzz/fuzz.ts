/** A program: `npm run fuzz -- [seconds a target] [target …]`. A finding is written into the corpus, and fails the run. */
import { createHash, randomInt } from 'node:crypto';
import { runCampaign } from './campaign.js';
import { addSample } from './corpus.js';
import { targets } from './targets.js';

const defaultSeconds = 60;
const words = process.argv.slice(2);
const seconds = Number(words.find((word) => /^\d+$/.test(word)) ?? defaultSeconds);
const wanted = words.filter((word) => !/^\d+$/.test(word));
const unknown = wanted.filter((name) => !targets.has(name));
if (unknown.length > 0) {
  console.error(`There is no target ${unknown.join(', ')}; there are ${[...targets.keys()].join(', ')}`);
  process.exit(2);
}

let findings = 0;
for (const [name, target] of targets) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const seed = randomInt(2 ** 31);
  const { runs, finding } = runCampaign({ name, target, timeMs: seconds * 1000, seed });
  console.log(`${name}: ${runs} inputs, seed ${seed}${finding === null ? '' : ', a finding:'}`);
  if (finding === null) continue;
  findings += 1;
  const digest = createHash('sha256').update(finding.bytes).digest('hex').slice(0, 8);
  console.log(`${finding.error}\nkept as ${addSample(name, { name: `crash-${digest}`, bytes: finding.bytes })}`);
}
console.log(findings === 0 ? 'no findings' : `${findings} findings`);
process.exitCode = findings === 0 ? 0 : 1;
