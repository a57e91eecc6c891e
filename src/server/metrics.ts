/** GET /metrics in the text format of Prometheus. Names follow its conventions: base units, `_total` for counters. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { PullInfo, Streams } from '../supervisor/streams.js';
import type { Arrivals } from './arrivals.js';
import { createChildMetrics } from './child-metrics.js';
import type { Handle } from './http.js';
import { createPlaybackMetrics } from './playback-metrics.js';
import { createRecordingMetrics } from './recording-metrics.js';

type StreamStats = Awaited<ReturnType<Streams['stats']>>;

const states = ['NEW', 'PENDING', 'CONNECTED', 'PROCESSED_REMOTE', 'STOPPED', 'FAILED'] as const;

type Sample = (pull: PullInfo, stats: StreamStats) => number;

/** Per stream, from the statistics of its actor: name, help, value. A restarted actor counts from 0, as Prometheus allows. */
const counters: readonly (readonly [string, string, Sample])[] = [
  ['source_bytes', 'Bytes received from the source', (_, { sourceBytes }) => sourceBytes],
  ['source_reconnects', 'Reconnects to the source', (_, { reconnects }) => reconnects],
  [
    'source_skipped_messages',
    'Messages from the source that could not be read or exceeded a limit',
    (_, { skippedMessages }) => skippedMessages,
  ],
  ['video_frames', 'Frames received from the source', (_, { videoFrames }) => videoFrames],
  ['video_keyframes', 'Keyframes received from the source', (_, { videoKeyframes }) => videoKeyframes],
  ['video_dropped_b_frames', 'B-frames dropped', (_, { videoPath }) => videoPath.droppedB],
  ['audio_frames', 'Audio frames received from the source', (_, { audioFrames }) => audioFrames],
  ['audio_decode_errors', 'Audio frames that could not be decoded', (_, { audioPath }) => audioPath.decodeErrors],
  ['audio_jumps', 'Gaps in the timestamps of the audio', (_, { audioPath }) => audioPath.jumps],
  ['audio_dropped', 'Audio frames dropped to stay in sync', (_, { audioPath }) => audioPath.dropped],
  ['sent_packets', 'RTP packets sent to viewers', (_, { sent }) => sent.packets],
  ['sent_bytes', 'RTP payload sent to viewers, in bytes', (_, { sent }) => sent.bytes],
  ['resent_packets', 'RTP packets retransmitted', (_, { sent }) => sent.resent],
  ['send_calls', 'System calls that sent audio and video', (_, { datagrams }) => datagrams.systemCalls],
  ['datagrams', 'Datagrams of audio and video accepted by the kernel', (_, { datagrams }) => datagrams.taken],
  [
    'datagrams_blocked',
    'Datagrams that met a full socket buffer: queued or dropped',
    (_, { datagrams }) => datagrams.blocked,
  ],
  ['datagrams_too_long', 'Datagrams longer than the path MTU', (_, { datagrams }) => datagrams.tooLong],
  ['datagrams_dropped', 'Datagrams refused by the kernel for another reason', (_, { datagrams }) => datagrams.dropped],
  [
    'segments_refused',
    'Batches of packets (UDP GSO) that had to be sent one by one',
    (_, { datagrams }) => datagrams.segmentsRefused,
  ],
  ['actor_restarts', 'Restarts of the thread of the stream', ({ restarts }) => restarts],
];

const gauges: readonly (readonly [string, string, Sample])[] = [
  ['viewers', 'Viewers of the stream', (_, { viewers }) => viewers.length],
  ['cache_bytes', 'Packets cached for new viewers and for retransmission, in bytes', (_, { cacheBytes }) => cacheBytes],
  ['renditions', 'Running renditions of the video', (_, { renditions }) => renditions.length],
  ['shards', 'Additional threads that serve its viewers', (_, { shards }) => shards.length],
  [
    'fanout_native',
    '1 when the add-on in C sends, 0 when TypeScript does',
    (_, { fanout }) => (fanout === 'native' ? 1 : 0),
  ],
];

export function createMetrics(streams: Streams, arrivals: Pick<Arrivals, 'open' | 'refused'>, version: string): Handle {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const labelNames = ['id', 'name'] as const;
  const build = new Gauge({
    name: 'sluice_build_info',
    help: 'Always 1: the versions of Sluice, and of the FFmpeg and the Node that it runs',
    labelNames: ['version', 'ffmpeg', 'node'],
    registers,
  });
  const perState = new Gauge({
    name: 'sluice_streams',
    help: 'Pulls by state',
    labelNames: ['state'],
    registers,
  });
  const setRecordings = createRecordingMetrics(registry);
  const alerting = new Gauge({
    name: 'sluice_stream_alerts',
    help: '1 for each alert of the stream now, docs/diagnosis.md',
    labelNames: ['id', 'name', 'code'],
    registers,
  });
  const setPlayback = createPlaybackMetrics(registry);
  const stuck = new Gauge({
    name: 'sluice_threads_stuck',
    help: 'Threads that hang in a native call and were abandoned',
    registers,
  });
  const connections = new Gauge({ name: 'sluice_connections', help: 'Open connections to the HTTP ports', registers });
  const refused = new Counter({
    name: 'sluice_connections_refused_total',
    help: 'Connections to the HTTP ports that were closed at once',
    labelNames: ['why'],
    registers,
  });
  const setChildren = createChildMetrics(streams, registry);
  const series = [
    ...counters.map(([name, help, sample]) => ({
      metric: new Counter({ name: `sluice_stream_${name}_total`, help, labelNames, registers }),
      sample,
    })),
    ...gauges.map(([name, help, sample]) => ({
      metric: new Gauge({ name: `sluice_stream_${name}`, help, labelNames, registers }),
      sample,
    })),
  ];

  return async () => {
    const pulls = streams.list();
    const answers = await Promise.allSettled(pulls.map(({ pullId }) => streams.stats(pullId)));
    const ffmpeg = (await streams.ffmpegVersion()) ?? 'none';
    // Without an await up to the end of the loop: a second scrape would add its values to those of this one.
    build.set({ version, ffmpeg, node: process.versions.node }, 1);
    stuck.set(streams.stuckThreads);
    setRecordings(streams, pulls);
    connections.set(arrivals.open);
    refused.reset();
    for (const [why, count] of arrivals.refused) refused.inc({ why }, count);
    setChildren(pulls);
    perState.reset();
    for (const state of states) perState.set({ state }, pulls.filter((pull) => pull.state === state).length);
    const answered = pulls.filter((_, n) => answers[n]?.status === 'fulfilled');
    setPlayback(answered, streams.viewers());
    alerting.reset();
    for (const { pullId: id, givenName } of pulls) {
      for (const { code } of streams.alerts(id)) alerting.set({ id, name: givenName ?? '', code }, 1);
    }
    for (const { metric, sample } of series) {
      metric.reset();
      for (const [n, pull] of pulls.entries()) {
        const answer = answers[n];
        // An actor that does not answer has no values in this scrape.
        if (answer?.status !== 'fulfilled') continue;
        metric.inc({ id: pull.pullId, name: pull.givenName ?? '' }, sample(pull, answer.value));
      }
    }
    const headers = { 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' };
    return { status: 200, headers, body: await registry.metrics() };
  };
}
