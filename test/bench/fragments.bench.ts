/**
 * What recordings, players by WebSocket and by HLS cost the server, and how old frames are when they reach a player:
 * `npm run bench -- fragments`; with a number, so many players (1,000). The source is 720p30 of 2.5 Mbit/s with AAC. Figures are of
 * the whole process; of players, of what they add.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { quantileMs } from '../support/load/histogram.js';
import { type Load, startLoad } from '../support/load/load.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { startSluice } from '../support/server/sluice.js';
import { coresBetween, usageOf } from '../support/server/usage.js';
import { startCameras } from '../support/source/cameras.js';
import { openPlayers } from './fragments/players.js';
import { printTable, type Row, writeResult } from './report.js';

const streams = 24;
const players = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 1000);
const settleMs = 3000;
const measuredMs = 8000;

const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
const cameras = await startCameras();
const sluice = await startSluice([
  `--recordings.folder=${folder}`,
  '--recordings.minFreeMb=1',
  '--viewers.maxPerIp=100000',
  '--server.maxConnectionsPerClient=100000',
  '--server.requestsPerSecond=0',
]);

interface Cost {
  readonly cores: number;
  readonly rssMb: number;
}

async function measure(): Promise<Cost> {
  await delay(settleMs);
  const before = usageOf(sluice.child.pid);
  await delay(measuredMs);
  const after = usageOf(sluice.child.pid);
  return { cores: coresBetween(before, after), rssMb: after.rssMb };
}

const rows: Row[] = [];
function tell(what: string, cost: Cost, base: Cost, count: number, each: string): void {
  rows.push({
    what,
    cores: cost.cores.toFixed(3),
    'added cores': (cost.cores - base.cores).toFixed(3),
    '% of a core each': (((cost.cores - base.cores) / count) * 100).toFixed(2),
    each,
    'RSS MB': cost.rssMb.toFixed(0),
  });
}

const viewed: Row[] = [];
async function watch(load: Load, whatRuns: string) {
  await delay(settleMs);
  await load.measure();
  await delay(measuredMs);
  const { packets, lost, framesMissed, ended, silent, delay: delays } = await load.result();
  const [p50Ms, p99Ms] = [quantileMs(delays, 0.5), quantileMs(delays, 0.99)];
  viewed.push({
    while: whatRuns,
    packets,
    lost,
    'frames left out': framesMissed,
    'p50 ms': p50Ms.toFixed(1),
    'p99 ms': p99Ms.toFixed(1),
  });
  return { packets, lost, framesMissed, ended, silent, p50Ms, p99Ms };
}

const played: Row[] = [];
async function measurePlayers(kind: 'mse' | 'hls', what: string, name: string, base: Cost) {
  const opened = await openPlayers({ kind, rest: sluice.rest, name, count: players });
  await delay(settleMs);
  opened.measure();
  const cost = await measure();
  const { bytes, ended, frames, p50Ms, p99Ms } = await opened.result();
  await opened.close();
  tell(`${players} players by ${what}`, cost, base, players / 1000, '1,000 players');
  const kbps = (bytes * 8) / players / (settleMs + measuredMs);
  played.push({
    players: `${players} by ${what}`,
    'kbit/s each': kbps.toFixed(0),
    ended,
    frames,
    'p50 ms': p50Ms.toFixed(1),
    'p99 ms': p99Ms.toFixed(1),
  });
  return { ...cost, kbps, ended, frames, p50Ms, p99Ms };
}

try {
  const names = Array.from({ length: streams }, (_, n) => `cam${n}`);
  await Promise.all(names.map((name) => pull(sluice, cameras.url(name), name)));
  const ids = await Promise.all(
    names.map(async (name) => (await whenStatus(sluice, name, 'PROCESSED_REMOTE', 30_000)).localMediaSessionId),
  );
  const idle = await measure();
  tell(`${streams} streams, nobody watches`, idle, { cores: 0, rssMb: 0 }, streams, 'stream');
  const mse = await measurePlayers('mse', 'WebSocket', 'cam0', idle);
  await delay(15_000);
  const hls = await measurePlayers('hls', 'HLS', 'cam1', idle);
  const record = (call: string): Promise<unknown> =>
    Promise.all(ids.map((mediaSessionId) => sluice.post(`/rest-api/recorder/${call}`, { mediaSessionId })));
  await record('startup');
  const recorded = await measure();
  tell(`${streams} recordings`, recorded, idle, streams, 'recording');
  await record('terminate');
  // Viewers by WebRTC, before and while all streams are recorded.
  const load = startLoad({ processes: 1, usesGro: true, openEvery: 8 });
  await load.join(
    [...names, ...names].map((name) => `${sluice.rest}/whep/${name}`),
    3000,
  );
  const watched = await watch(load, 'nothing is recorded');
  await record('startup');
  const watchedAndRecorded = await watch(load, `${streams} recordings run`);
  await load.end();
  printTable(`${streams * 2} viewers by WebRTC`, viewed);
  printTable('720p30 of 2.5 Mbit/s', rows);
  printTable('From the source to the socket of a player', played);
  writeResult('fragments', { streams, players, idle, mse, hls, recorded, watched, watchedAndRecorded });
} finally {
  await sluice.stop();
  await cameras.stop();
  await rm(folder, { recursive: true, force: true });
}
