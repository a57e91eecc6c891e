/** What media cost that are not sent as they came, and how long those take that are: `npm run bench -- media`. */

import { measureAudio } from './media/audio-cost.js';
import { measurePassDelay } from './media/pass-delay.js';
import { measureFrames } from './media/video-cost.js';
import { printTable, quantile, writeResult } from './report.js';

const passed = [await measurePassDelay(1), await measurePassDelay(8)].map(({ delaysMs, ...rest }) => ({
  ...rest,
  p50Ms: quantile(delaysMs, 0.5),
  p99Ms: quantile(delaysMs, 0.99),
  mostMs: quantile(delaysMs, 1),
}));
printTable(
  'H.264 of 2.5 Mbit/s sent as it came, AAC encoded again beside it: ms from RTMP bytes to the last RTP packet at a viewer',
  passed.map(({ viewers, frames, p50Ms, p99Ms, mostMs }) => ({
    viewers,
    frames,
    p50: p50Ms.toFixed(2),
    p99: p99Ms.toFixed(2),
    longest: mostMs.toFixed(2),
  })),
);

const audio = await measureAudio();
printTable(
  'Audio to Opus of 96 kbit/s on one core; delay in ms beside the audio as it came',
  audio.map((cost) => ({
    from: cost.from,
    Hz: cost.rateHz,
    channels: cost.channels,
    'frame ms': cost.frameMs.toFixed(1),
    'core %': cost.corePercent.toFixed(2),
    'x real time': cost.realTimePerCore.toFixed(0),
    'delay p50': cost.delayP50Ms.toFixed(1),
    p99: cost.delayP99Ms.toFixed(1),
    'beyond frames p99': cost.beyondFramesP99Ms.toFixed(1),
  })),
);

const frames = await measureFrames();
printTable(
  'One frame decoded and encoded again on one thread (a moving test pattern under noise)',
  frames.map(({ size, from, to, preset, ...cost }) => ({
    size,
    from,
    to: to === '' ? '(decoded alone)' : to,
    preset,
    'CPU ms': cost.cpuMs.toFixed(1),
    'wall ms p50': cost.wallP50Ms.toFixed(1),
    'wall p99': cost.wallP99Ms.toFixed(1),
    'x real time per core': cost.realTimePerCore.toFixed(2),
    'delay ms p50': cost.delayP50Ms.toFixed(1),
    p99: cost.delayP99Ms.toFixed(1),
  })),
);
writeResult('media', { passed, audio, frames });
