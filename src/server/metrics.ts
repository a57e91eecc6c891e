/** GET /metrics in the text format of Prometheus. Names follow its conventions: base units, `_total` for counters. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ClusterState } from '../cluster/cluster-state.js';
import type { PullInfo } from '../supervisor/pull-info.js';
import type { Streams } from '../supervisor/streams.js';
import { protocolOf } from './api-resources.js';
import { viewer } from './api-schemas.js';
import { createChildMetrics } from './child-metrics.js';
import { createClusterMetrics } from './cluster-metrics.js';
import type { ConnectionAdmission } from './connection-admission.js';
import type { Handle } from './http.js';
import { createPlaybackMetrics } from './playback-metrics.js';
import { createRecordingMetrics } from './recording-metrics.js';
import { type CountedPull, createServerTotals } from './server-totals.js';
import { createSinglePortMetrics } from './single-port-metrics.js';
import { streamCounters, streamGauges } from './stream-series.js';
import { createTimingMetrics } from './timing-metrics.js';

const protocols = viewer.shape.protocol.options;
const states = ['NEW', 'PENDING', 'CONNECTED', 'PROCESSED_REMOTE', 'STOPPED', 'FAILED'] as const;

interface MetricsParts {
  readonly streams: Streams;
  readonly admission: Pick<ConnectionAdmission, 'open' | 'refused'>;
  readonly version: string;
  readonly commit: string;
  /** So many streams have series of their own. */
  readonly maxStreams: number;
  /** Null: this server is in none. */
  readonly cluster: ClusterState | null;
}

export function createMetrics({ streams, admission, version, commit, maxStreams, cluster }: MetricsParts): Handle {
  const registry = new Registry();
  // One series of each node, whatever calls it an instance.
  if (cluster !== null) registry.setDefaultLabels({ node: cluster.name });
  collectDefaultMetrics({ register: registry });
  const setServer = createServerMetrics(streams, admission, registry);
  const setStreams = createStreamMetrics(streams, registry);
  const setTotals = createServerTotals(registry);
  const setRecordings = createRecordingMetrics(registry);
  const setChildren = createChildMetrics(streams, registry);
  const setSinglePort = createSinglePortMetrics(streams, registry);
  const setCluster = cluster === null ? () => {} : createClusterMetrics(cluster, registry);
  streams.observeTimings(createTimingMetrics(registry));

  return async () => {
    const pulls = streams.list();
    const answers = await Promise.allSettled(pulls.map(({ pullId }) => streams.stats(pullId)));
    const ffmpeg = (await streams.ffmpegVersion()) ?? 'none';
    // Without an await up to the end: a second scrape would add its values to those of this one.
    const counted = pulls.flatMap((pull, n): readonly CountedPull[] => {
      const answer = answers[n];
      // A thread that does not answer has no values in this scrape.
      return answer?.status === 'fulfilled' ? [{ pull, stats: answer.value }] : [];
    });
    const shown = new Set([...pulls].sort(byAge).slice(0, maxStreams));
    setServer(pulls, { version, commit, ffmpeg, node: process.versions.node }, pulls.length - shown.size);
    setTotals(counted, new Set(pulls.map(({ pullId }) => pullId)));
    const ofTheirOwn = pulls.filter((pull) => shown.has(pull));
    const theirCounts = counted.filter(({ pull }) => shown.has(pull));
    setStreams(ofTheirOwn, theirCounts);
    setRecordings(streams, pulls);
    setChildren(ofTheirOwn);
    setSinglePort();
    setCluster();
    const headers = { 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' };
    return { status: 200, headers, body: await registry.metrics() };
  };
}

const byAge = (a: PullInfo, b: PullInfo): number => a.createdAtMs - b.createdAtMs;

type Versions = Readonly<Record<'version' | 'commit' | 'ffmpeg' | 'node', string>>;

/** Of the whole server. */
function createServerMetrics(
  streams: Pick<Streams, 'stuckThreads' | 'viewers'>,
  admission: MetricsParts['admission'],
  registry: Registry,
): (pulls: readonly PullInfo[], versions: Versions, hidden: number) => void {
  const registers = [registry];
  const gauge = (name: string, help: string): Gauge => new Gauge({ name: `sluice_${name}`, help, registers });
  const build = new Gauge({
    name: 'sluice_build_info',
    help: 'Always 1: the versions of Sluice, and of the FFmpeg and the Node that it runs',
    labelNames: ['version', 'commit', 'ffmpeg', 'node'],
    registers,
  });
  const perState = new Gauge({ name: 'sluice_streams', help: 'Pulls by state', labelNames: ['state'], registers });
  const withoutSeries = gauge('streams_without_series', 'Pulls beyond metrics.maxStreams');
  const viewers = new Gauge({
    name: 'sluice_viewers',
    help: 'Viewers of all streams, by what they play by',
    labelNames: ['protocol'],
    registers,
  });
  const stuck = gauge('threads_stuck', 'Threads that hang in a native call and were abandoned');
  const connections = gauge('connections', 'Open connections to the HTTP ports');
  const refused = new Counter({
    name: 'sluice_connections_refused_total',
    help: 'Connections to the HTTP ports that were closed at once',
    labelNames: ['why'],
    registers,
  });
  return (pulls, versions, hidden) => {
    build.set(versions, 1);
    for (const state of states) perState.set({ state }, pulls.filter((pull) => pull.state === state).length);
    withoutSeries.set(hidden);
    const present = streams.viewers().map(protocolOf);
    for (const protocol of protocols) viewers.set({ protocol }, present.filter((one) => one === protocol).length);
    stuck.set(streams.stuckThreads);
    connections.set(admission.open);
    refused.reset();
    for (const [why, count] of admission.refused) refused.inc({ why }, count);
  };
}

/** Of each stream that has series of its own. */
function createStreamMetrics(
  streams: Pick<Streams, 'alerts' | 'viewers'>,
  registry: Registry,
): (pulls: readonly PullInfo[], counted: readonly CountedPull[]) => void {
  const registers = [registry];
  const labelNames = ['id', 'name'] as const;
  const alerting = new Gauge({
    name: 'sluice_stream_alerts',
    help: '1 for each alert of the stream now, docs/diagnosis.md',
    labelNames: [...labelNames, 'code'],
    registers,
  });
  const setPlayback = createPlaybackMetrics(registry);
  const series = [
    ...streamCounters.map(([name, help, sample]) => ({
      metric: new Counter({ name: `sluice_stream_${name}_total`, help, labelNames, registers }),
      sample,
    })),
    ...streamGauges.map(([name, help, sample]) => ({
      metric: new Gauge({ name: `sluice_stream_${name}`, help, labelNames, registers }),
      sample,
    })),
  ];
  return (pulls, counted) => {
    const answering = counted.map(({ pull }) => pull);
    setPlayback(answering, streams.viewers());
    alerting.reset();
    for (const { pullId: id, givenName } of pulls) {
      for (const { code } of streams.alerts(id)) alerting.set({ id, name: givenName ?? '', code }, 1);
    }
    for (const { metric, sample } of series) {
      metric.reset();
      for (const { pull, stats } of counted) {
        metric.inc({ id: pull.pullId, name: pull.givenName ?? '' }, sample(pull, stats));
      }
    }
  };
}
