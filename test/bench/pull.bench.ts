/** How long a pull takes that nobody had: `npm run bench -- pull`. Beyond what its source takes, goal: at most 50 ms. */

import { askAt } from '../support/server/asking.js';
import { startSluice } from '../support/server/sluice.js';
import { type Origin, startOrigin } from './origin.js';
import { endAll, pullAtOnce } from './pull/cold-pull.js';
import { playOnce } from './pull/raw-player.js';
import { printTable, quantile, writeResult } from './report.js';

const goalMs = 50;
/** Pulls of one moment, and how many such moments. */
const crowds = [
  { atOnce: 1, moments: 30 },
  { atOnce: 4, moments: 8 },
  { atOnce: 16, moments: 3 },
];
const spares = [0, 1] as const;

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);

async function measurePulls(origin: Origin, spareThreads: number, sourceMs: number) {
  const sluice = await startSluice([`--supervisor.spareThreads=${spareThreads}`]);
  const http = askAt(sluice.rest);
  const pullNames = async (names: readonly string[]): Promise<readonly number[]> => {
    const uris = new Map(names.map((name) => [name, origin.url(name)]));
    const tookMs = await pullAtOnce(http, uris);
    await endAll(http, uris);
    return tookMs;
  };
  try {
    // The first one after the start finds all of the server cold.
    await pullNames(['first']);
    const measured = [];
    for (const { atOnce, moments } of crowds) {
      const tookMs: number[] = [];
      for (let moment = 0; moment < moments; moment += 1) {
        tookMs.push(...(await pullNames(Array.from({ length: atOnce }, (_, n) => `cam-${atOnce}-${moment}-${n}`))));
      }
      const beyondMs = sorted(tookMs).map((ms) => ms - sourceMs);
      const [p50Ms, p95Ms, longestMs] = [0.5, 0.95, 1].map((share) => quantile(beyondMs, share));
      measured.push({ spareThreads, atOnce, pulls: tookMs.length, p50Ms, p95Ms, longestMs });
    }
    return measured;
  } finally {
    http.close();
    await sluice.stop();
  }
}

const origin = await startOrigin(500);
try {
  const alone: number[] = [];
  for (let n = 0; n < 30; n += 1) alone.push(await playOnce(origin.url('cam')));
  const sourceMs = quantile(sorted(alone), 0.5);
  const pulls = [];
  for (const spareThreads of spares) pulls.push(...(await measurePulls(origin, spareThreads, sourceMs)));
  printTable(
    `From a pull by REST to PROCESSED_REMOTE, ms beyond the ${sourceMs.toFixed(1)} that the source takes (goal for one: ${goalMs})`,
    pulls.map(({ spareThreads, atOnce, pulls: count, p50Ms, p95Ms, longestMs }) => ({
      'spare threads': spareThreads,
      'at once': atOnce,
      pulls: count,
      p50: p50Ms?.toFixed(1) ?? '',
      p95: p95Ms?.toFixed(1) ?? '',
      longest: longestMs?.toFixed(1) ?? '',
    })),
  );
  writeResult('pull', { sourceMs, goalMs, pulls });
} finally {
  await origin.stop();
}
