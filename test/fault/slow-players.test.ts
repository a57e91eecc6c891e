/** Two hundred viewers by the MSE provider of WCS's SDK, of whom five do not read: the others get all of it, in time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judged } from '../support/judged.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { startSluice } from '../support/server/sluice.js';
import { startCameras } from '../support/source/cameras.js';
import { openPacketPlayers } from '../support/viewer/packet-players.js';

const players = 200;
const slow = 5;
const bitrateKbps = 1000;
const measuredMs = 3000;
/** Beyond it a frame is missed by the eye. */
const pauseMs = 500;

test(`five of ${players} players of packets read nothing, and cost the others nothing`, async (t) => {
  const cameras = await startCameras(bitrateKbps);
  t.after(() => cameras.stop());
  const sluice = await startSluice([`--viewers.maxPerIp=${players}`]);
  t.after(() => sluice.stop());
  await pull(sluice, cameras.url('cam'), 'cam');
  await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE', 30_000);
  const opened = await openPacketPlayers(sluice.signalling, 'cam', players, slow);
  t.after(() => opened.close());
  await judged(t, {
    measure: () => opened.compare(measuredMs),
    isGood: ({ leastShare, longestPauseMs }) => leastShare > 0.9 && longestPauseMs < pauseMs,
    words: ({ kbps, leastShare, longestPauseMs }) =>
      `${kbps.toFixed(0)} kbit/s each, who got least has ${leastShare.toFixed(2)} of who got most, a silence of ${longestPauseMs.toFixed(0)} ms`,
    windows: 2,
  });
  const streams = await sluice.post('/rest-api/stream/find', { published: false, status: 'PLAYING' });
  assert.equal(JSON.parse(await streams.text()).length, players);
});
