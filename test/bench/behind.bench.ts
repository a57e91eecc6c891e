/** How much later viewers see a stream behind a second Sluice, which pulls from the first by WHEP: `npm run bench -- behind`. */
import { setTimeout as delay } from 'node:timers/promises';
import { quantileMs } from '../support/load/histogram.js';
import type { LoadResult } from '../support/load/load.js';
import { openStage } from '../support/load/stage.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { startSluice } from '../support/server/sluice.js';
import { printTable, writeResult } from './report.js';

const viewers = 5;
const measuredMs = 30_000;
/** Both servers have settled: their clocks, and what a join bursts. */
const settlingMs = 5000;
const loadOptions = { processes: 1, usesGro: false, openEvery: 1 } as const;

interface Delay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lost: number;
}

const delayOf = ({ delay: histogram, lost }: LoadResult): Delay => ({
  p50Ms: quantileMs(histogram, 0.5),
  p99Ms: quantileMs(histogram, 0.99),
  lost,
});

const far = await openStage();
const near = await startSluice();
try {
  await far.pull(['cam']);
  if ((await pull(near, far.endpoint('cam'), 'cam')).status !== 200) throw new Error('the pull was refused');
  await whenStatus(near, 'cam', 'PROCESSED_REMOTE');
  const loads = [
    { what: 'of the first', endpoint: far.endpoint('cam'), load: far.load(loadOptions) },
    { what: 'of the second, behind it', endpoint: `${near.rest}/whep/cam`, load: far.load(loadOptions) },
  ];
  for (const { endpoint, load } of loads) {
    await load.join(
      Array.from({ length: viewers }, () => endpoint),
      100,
    );
  }
  await delay(settlingMs);
  for (const { load } of loads) await load.measure();
  await delay(measuredMs);
  const measured = [];
  for (const { what, load } of loads) measured.push({ what, ...delayOf(await load.result()) });
  const { skippedMessages } = await statsOf(near, 'cam');
  const [first, second] = measured;
  const addedMs = { p50: (second?.p50Ms ?? 0) - (first?.p50Ms ?? 0), p99: (second?.p99Ms ?? 0) - (first?.p99Ms ?? 0) };
  printTable(`From the source to viewers, 720p30 of 2.5 Mbit/s, ${viewers} viewers each, ${measuredMs / 1000} s`, [
    ...measured.map(({ what, p50Ms, p99Ms, lost }) => ({
      viewers: what,
      'p50, ms': p50Ms.toFixed(1),
      'p99, ms': p99Ms.toFixed(1),
      'packets lost': lost,
    })),
    {
      viewers: 'added',
      'p50, ms': addedMs.p50.toFixed(1),
      'p99, ms': addedMs.p99.toFixed(1),
      'packets lost': skippedMessages,
    },
  ]);
  writeResult('behind', { measured, addedMs, skippedMessages });
} finally {
  await near.stop();
  await far.close();
}
