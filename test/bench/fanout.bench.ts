/** What a viewer costs: `npm run bench -- fanout`. docs/performance.md has the goals. */
import { type Cost, measureCosts } from './fanout/cost.js';
import { measurePaced } from './fanout/paced.js';
import { printTable, writeResult } from './report.js';

const keyEvery = 30;

const ratio = (costs: readonly Cost[], cost: Cost, sender: string): string => {
  const other = costs.find((one) => one.sender === sender && one.profile === cost.profile);
  return other === undefined ? '' : (cost.medianUs / other.medianUs).toFixed(2);
};

const costs = await measureCosts();
printTable(
  'One packet of 1,200 bytes to one viewer, 9 a frame, 200 viewers (peers: 20) whose sockets nobody reads',
  costs.map((cost) => ({
    sender: cost.sender,
    profile: cost.profile,
    'CPU µs': cost.medianUs.toFixed(2),
    least: cost.leastUs.toFixed(2),
    'packets/CPU s': Math.round(cost.packetsPerCpuSecond),
    'viewers/core': Math.round(cost.viewersPerCore),
    'x floor': ratio(costs, cost, 'floor'),
    'x werift': ratio(costs, cost, 'werift'),
  })),
);

const paced = [];
for (const viewers of [50, 200, 500, 1000]) paced.push(await measurePaced('native', viewers, 0));
for (const viewers of [50, 200]) paced.push(await measurePaced('js', viewers, 0));
printTable(
  '2.5 Mbit/s and audio at their pace, RTCP as from Chromium; ms from source to the end of a frame at a viewer',
  paced,
);

const keyframes = [await measurePaced('native', 200, keyEvery)];
printTable('The same with a keyframe of 100 kB each second', keyframes);
writeResult('fanout', { costs, paced, keyframes });
