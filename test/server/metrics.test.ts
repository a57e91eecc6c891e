import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { createMetrics } from '../../src/server/metrics.js';
import { createFakeCluster } from './fake-cluster.js';
import { createFakeStreams } from './fake-streams.js';

const others = { version: '9.8.7', commit: '0123456789ab', maxStreams: 10, cluster: null };
const admission = { open: 3, refused: new Map([['tooMany', 7] as const]) };
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
  const scrape = createMetrics({
    streams: {
      ...streams,
      async stats(pullId) {
        asked += 1;
        if (asked === 2) resolve();
        await bothAsked;
        return streams.stats(pullId);
      },
    },
    admission,
    ...others,
  });
  for (const { body } of await Promise.all([scrape(request, Buffer.alloc(0)), scrape(request, Buffer.alloc(0))])) {
    assert.match(String(body), /^sluice_stream_source_bytes_total\{id="[0-9a-f-]+",name="cam"\} 1$/m);
    assert.match(String(body), /^sluice_stream_viewers\{id="[0-9a-f-]+",name="cam"\} 2$/m);
    assert.match(
      String(body),
      /^sluice_build_info\{version="9\.8\.7",commit="0123456789ab",ffmpeg="8\.1",node="[\d.]+"\} 1$/m,
    );
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
  const scrape = createMetrics({
    streams: {
      ...streams,
      list: () => all,
      stats: async (pullId) => (pullId === 'dead' ? assert.fail('no answer') : streams.stats(pullId)),
    },
    admission,
    ...others,
  });
  const { body } = await scrape(request, Buffer.alloc(0));
  assert.match(String(body), /^sluice_streams\{state="PROCESSED_REMOTE"\} 2$/m);
  assert.match(String(body), /^sluice_threads_stuck 0$/m);
  assert.match(String(body), /^sluice_stream_source_bytes_total\{id="[0-9a-f-]+",name="cam"\} 1$/m);
  assert.doesNotMatch(String(body), /id="dead"/);
});

/** What a scrape of these streams says, by the parser. */
async function scraped(pulls: number, maxStreams: number) {
  const streams = createFakeStreams();
  const [pull] = streams.pulls;
  assert.ok(pull !== undefined);
  streams.pulls = Array.from({ length: pulls }, (_, n) =>
    Object.assign({ ...pull }, { pullId: `id-${n}`, localName: `cam${n}`, givenName: `cam${n}`, createdAtMs: n }),
  );
  const scrape = createMetrics({ ...others, streams, admission, maxStreams, cluster: createFakeCluster() });
  await scrape(request, Buffer.alloc(0));
  const { body } = await scrape(request, Buffer.alloc(0));
  return parsePrometheusTextFormat(String(body));
}

test('every line is read by a parser, and names follow the conventions of Prometheus', async () => {
  const families = await scraped(2, 10);
  // Those of Node itself are named by prom-client.
  for (const { name, help, type } of families.filter((family) => !family.name.startsWith('nodejs_'))) {
    assert.match(name, /^(sluice|process)_[a-z][a-z0-9_]*$/);
    assert.ok(help.length > 5, name);
    assert.equal(type === 'COUNTER', name.endsWith('_total'), name);
    assert.doesNotMatch(
      name.replace(/_total$/, ''),
      /_(ms|msec|millis|kb|mb|kbps|percent|count|sum|bucket|gauge|counter)$/,
    );
  }
  const names = families.map(({ name }) => name);
  for (const wanted of [
    'sluice_join_seconds',
    'sluice_join_part_seconds',
    'sluice_viewers_room',
    'sluice_key_requests_total',
  ]) {
    assert.ok(names.includes(wanted), wanted);
  }
});

test('streams beyond metrics.maxStreams have no series of their own, and count in those of the server', async () => {
  const families = await scraped(3, 2);
  const valuesOf = (name: string) => families.find((family) => family.name === name)?.metrics ?? [];
  assert.deepEqual(
    valuesOf('sluice_stream_sent_bytes_total').map(({ labels }) => labels?.name),
    ['cam0', 'cam1'],
  );
  // Two scrapes of the same counts.
  assert.deepEqual(
    valuesOf('sluice_sent_bytes_total').map(({ value }) => value),
    ['21'],
  );
  assert.deepEqual(
    valuesOf('sluice_streams_without_series').map(({ value }) => value),
    ['1'],
  );
  assert.ok(!JSON.stringify(families).includes('cam2'));
});

test('the cluster is counted, each series with the name of its node', async () => {
  const cluster = createFakeCluster();
  const scrape = createMetrics({ ...others, streams: createFakeStreams(), admission, cluster });
  const stream = { key: 'k1', pullId: 'pull-k1', epoch: 4 };
  cluster.happen({ kind: 'claimed', from: 'b-1', ...stream });
  cluster.happen({ kind: 'claimed', from: null, ...stream });
  cluster.happen({ kind: 'fenced', ...stream });
  cluster.happen({ kind: 'gaveWay', to: 'b-1', ...stream });
  cluster.called(3, true);
  cluster.called(2000, false);
  cluster.unreachableSinceMs = 0;
  const { body } = await scrape(request, Buffer.alloc(0));
  for (const line of [
    'nodes{node="a"} 3',
    'registry_reachable{node="a"} 0',
    'claims{node="a"} 2',
    'claims_fenced{node="a"} 1',
    'edges{node="a"} 0',
    'links{node="a"} 1',
    'streams_unowned{node="a"} 1',
    'streams_quarantined{node="a"} 1',
    'epochs_taken_over_total{node="a"} 1',
    'fenced_total{node="a"} 1',
    'gave_way_total{node="a"} 1',
    'registry_call_seconds_count{node="a",answered="true"} 1',
    'registry_call_seconds_bucket{le="1",node="a",answered="false"} 0',
  ]) {
    assert.ok(String(body).includes(`\nsluice_cluster_${line}\n`), line);
  }
  assert.match(
    String(body),
    /^sluice_stream_viewers\{id="[^"]+",name="cam",node="a"\} 2$|^sluice_stream_viewers\{node="a",id="[^"]+",name="cam"\} 2$/m,
  );
});

test('dashboard and alerts name metrics that there are', async () => {
  const families = await scraped(1, 10);
  const known = new Set(families.flatMap(({ name }) => [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]));
  for (const file of ['config/alerts.yml', 'config/grafana/sluice.json']) {
    const named = readFileSync(file, 'utf8').match(/\b(sluice|process)_[a-z0-9_]+/g) ?? [];
    assert.ok(named.length > 10);
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
    );
  }
});

/** Debian's package prometheus has it (test/prerequisites.mjs). */
const promtool = (args: readonly string[], input = ''): string => {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  assert.equal(status, 0, `${error ?? ''}${stdout}${stderr}`);
  return stdout + stderr;
};

test('promtool takes the configuration, the alerts and every query of the dashboard', (t) => {
  promtool(['check', 'config', '--syntax-only', 'config/prometheus.yml']);
  assert.match(promtool(['check', 'rules', 'config/alerts.yml']), /SUCCESS: \d+ rules found/);
  const { panels } = JSON.parse(readFileSync('config/grafana/sluice.json', 'utf8'));
  const queries: string[] = panels.flatMap(
    (panel: { targets?: { expr: string }[] }) => panel.targets?.map(({ expr }) => expr) ?? [],
  );
  const folder = mkdtempSync(join(tmpdir(), 'sluice-rules-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const rules = queries.map((expr, n) => ({
    record: `query:${n}`,
    expr: expr.replaceAll('$instance', '.*').replaceAll('$stream', '.*'),
  }));
  writeFileSync(join(folder, 'rules.yml'), JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
  assert.match(promtool(['check', 'rules', join(folder, 'rules.yml')]), new RegExp(`${queries.length} rules found`));
});

test('promtool finds nothing to say of what /metrics answers, and the alerts fire when they should', async () => {
  const streams = createFakeStreams();
  const scrape = createMetrics({ ...others, streams, admission, cluster: createFakeCluster() });
  const { body } = await scrape(request, Buffer.alloc(0));
  const own = String(body).replaceAll(/^(# \w+ )?nodejs_.*\n/gm, '');
  assert.equal(promtool(['check', 'metrics'], own), '');
  promtool(['test', 'rules', 'test/fixtures/alerts.test.yml']);
});
