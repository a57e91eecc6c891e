/**
 * What viewers by the MSE provider of WCS's SDK cost the server, and what those that do not read cost the others: `npm run bench --
 * wcs-mse`. One stream, 720p30 of 2.5 Mbit/s with AAC. Figures are of the whole process.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { pull, whenStatus } from '../support/server/pulls.js';
import { startSluice } from '../support/server/sluice.js';
import { coresBetween, usageOf } from '../support/server/usage.js';
import { startCameras } from '../support/source/cameras.js';
import { openPacketPlayers } from '../support/viewer/packet-players.js';
import { printTable, type Row, writeResult } from './report.js';

const settleMs = 3000;
const measuredMs = 15_000;
const audiences = [
  { players: 1, slow: 0 },
  { players: 100, slow: 0 },
  { players: 200, slow: 0 },
  { players: 200, slow: 5 },
];

const cameras = await startCameras();
const sluice = await startSluice(['--viewers.maxPerIp=100000', '--server.maxSocketsPerClient=100000']);

async function measure(players: number, slow: number) {
  const opened = await openPacketPlayers(sluice.signalling, 'cam', players, slow);
  await delay(settleMs);
  const before = usageOf(sluice.child.pid);
  const compared = await opened.compare(measuredMs);
  const after = usageOf(sluice.child.pid);
  opened.close();
  await delay(settleMs);
  return { players, slow, cores: coresBetween(before, after), rssMb: after.rssMb, ...compared };
}

try {
  await pull(sluice, cameras.url('cam'), 'cam');
  await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE', 30_000);
  const results: Awaited<ReturnType<typeof measure>>[] = [];
  for (const { players, slow } of audiences) results.push(await measure(players, slow));
  const rows: Row[] = results.map(({ players, slow, cores, rssMb, kbps, leastShare, longestPauseMs }) => ({
    players,
    'of them do not read': slow,
    cores: cores.toFixed(3),
    'RSS MB': rssMb.toFixed(0),
    'kbit/s each': kbps.toFixed(0),
    'least / most': leastShare.toFixed(3),
    'longest pause ms': longestPauseMs.toFixed(0),
  }));
  printTable('Viewers of one stream by the MSE provider', rows);
  writeResult('wcs-mse', { results });
} finally {
  await sluice.stop();
  await cameras.stop();
}
