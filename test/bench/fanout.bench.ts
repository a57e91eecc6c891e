/** What a viewer costs: `npm run bench -- fanout`. PERFORMANCE.md has the goals. */
import { type Cost, measureCosts } from './fanout/cost.js';
import { printTable, writeResult } from './report.js';

const ratio = (costs: readonly Cost[], cost: Cost, sender: string): string => {
  const other = costs.find((one) => one.sender === sender && one.profile === cost.profile);
  return other === undefined ? '' : (cost.medianUs / other.medianUs).toFixed(2);
};

const costs = await measureCosts();
printTable(
  'One packet of 1,200 bytes to one viewer, 9 a frame, 200 viewers whose sockets nobody reads',
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
writeResult('fanout', { costs });
