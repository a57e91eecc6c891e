/** What a rendition of the picture costs: `npm run bench -- video`. */
import { printTable, writeResult } from './report.js';
import { measureTranscodes } from './video/transcode-cost.js';

const costs = await measureTranscodes();
printTable(
  'One picture decoded and encoded again on one thread (a moving test picture under noise)',
  costs.map(({ size, from, to, preset, cpuMs, wallP50Ms, wallP99Ms, realTimePerCore }) => ({
    size,
    from,
    to: to === '' ? '(decoded alone)' : to,
    preset,
    'CPU ms': cpuMs.toFixed(1),
    'wall ms p50': wallP50Ms.toFixed(1),
    p99: wallP99Ms.toFixed(1),
    'x real time per core': realTimePerCore.toFixed(2),
  })),
);
writeResult('video', { costs });
