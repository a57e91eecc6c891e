/** Viewers by what they play by: in lists, in metrics, on the statistics page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operations } from '../../src/server/api-operations.js';
import { someViewer } from './examples.js';
import { startStage } from './stage.js';

test("viewers are listed by what they play by, with what they were sent, and those of fragments have the source's encoding", async (t) => {
  const stage = await startStage();
  t.after(() => stage.end());
  const player = { ...someViewer, mediaProvider: 'MSE', bytesSent: 5_000_000 } as const;
  stage.streams.watching = [
    someViewer,
    { ...player, viewerId: 'm' },
    { ...player, viewerId: 'h', mediaProvider: 'HLS' },
    { ...player, viewerId: 'w', bytesSent: null, signalled: { mediaSessionId: 'm', sessionId: 's', isTcpOnly: false } },
  ];
  const viewers = operations.listViewers.response.parse(JSON.parse((await stage.ask('/api/viewers')).body));
  assert.deepEqual(
    viewers.map(({ protocol, bytesSent, encoding, address }) => [protocol, bytesSent, encoding, address]),
    [
      ['whep', null, null, '203.0.113.x'],
      ['mse', 5_000_000, 'source', '203.0.113.x'],
      ['hls', 5_000_000, 'source', '203.0.113.x'],
      ['wcs', null, null, '203.0.113.x'],
    ],
  );
  const metrics = (await stage.ask('/metrics')).body;
  for (const protocol of ['whep', 'wcs', 'mse', 'hls'])
    assert.ok(metrics.includes(`sluice_viewers{protocol="${protocol}"} 1\n`));
  const statistics = JSON.parse((await stage.ask('/?action=stat&format=json&groups=streams_stats')).body).streams_stats;
  assert.equal(statistics.streams_websocket_out, 2);
});
