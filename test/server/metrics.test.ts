import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../../src/server/metrics.js';
import { createFakeStreams } from './fake-streams.js';

const arrivals = { open: 3, refused: new Map([['tooMany', 7] as const]) };
const request = {
  method: 'GET',
  path: '/metrics',
  query: new URLSearchParams(),
  client: { ip: '127.0.0.1', reach: 'direct' as const },
  header: () => '',
};

test('two scrapes at once each have the values, and not their sum', async () => {
  const streams = createFakeStreams();
  let resolve = (): void => {};
  const bothAsked = new Promise<void>((done) => {
    resolve = done;
  });
  let asked = 0;
  const scrape = createMetrics(
    {
      ...streams,
      async stats(pullId) {
        asked += 1;
        if (asked === 2) resolve();
        await bothAsked;
        return streams.stats(pullId);
      },
    },
    arrivals,
    '9.8.7',
  );
  for (const { body } of await Promise.all([scrape(request, Buffer.alloc(0)), scrape(request, Buffer.alloc(0))])) {
    assert.match(String(body), /^sluice_stream_source_bytes_total\{id="[0-9a-f-]+",name="cam"\} 1$/m);
    assert.match(String(body), /^sluice_stream_viewers\{id="[0-9a-f-]+",name="cam"\} 0$/m);
    assert.match(String(body), /^sluice_build_info\{version="9\.8\.7",ffmpeg="8\.1",node="[\d.]+"\} 1$/m);
    assert.match(String(body), /^sluice_connections 3$/m);
    assert.match(String(body), /^sluice_children\{kind="shard",state="running"\} 1$/m);
    assert.match(String(body), /^sluice_children\{kind="stream",state="failed"\} 0$/m);
    assert.match(String(body), /^sluice_thread_ends_total\{kind="stream",cause="memory"\} 2$/m);
    assert.match(String(body), /^sluice_stream_memory_bytes\{id="[0-9a-f-]+",name="cam"\} 30000000$/m);
    assert.match(String(body), /^sluice_stream_loop_lag_seconds\{id="[0-9a-f-]+",name="cam"\} 0.007$/m);
    assert.match(String(body), /^sluice_stream_hand_over_gap_seconds\{id="[0-9a-f-]+",name="cam"\} 0.64$/m);
    assert.match(String(body), /^sluice_viewers_refused_total\{why="cpu"\} 3$/m);
    assert.match(String(body), /^sluice_memory_ceiling_bytes 8000000000$/m);
    assert.match(String(body), /^sluice_connections_refused_total\{why="tooMany"\} 7$/m);
  }
});

test('an actor that does not answer has no values, and other streams have theirs', async () => {
  const streams = createFakeStreams();
  const [pull] = streams.pulls;
  assert.ok(pull !== undefined);
  const all = [pull, { ...pull, pullId: 'dead', localName: 'dead' }];
  const scrape = createMetrics(
    {
      ...streams,
      list: () => all,
      stats: async (pullId) => (pullId === 'dead' ? assert.fail('no answer') : streams.stats(pullId)),
    },
    arrivals,
    '9.8.7',
  );
  const { body } = await scrape(request, Buffer.alloc(0));
  assert.match(String(body), /^sluice_streams\{state="PROCESSED_REMOTE"\} 2$/m);
  assert.match(String(body), /^sluice_threads_stuck 0$/m);
  assert.match(String(body), /^sluice_stream_source_bytes_total\{id="[0-9a-f-]+",name="cam"\} 1$/m);
  assert.doesNotMatch(String(body), /id="dead"/);
});
