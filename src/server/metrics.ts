/** GET /metrics in Prometheus's text format. Names follow its conventions: base units, `_total` for what only grows. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { PullView, Streams } from '../supervisor/streams.js';
import type { Handle } from './http.js';

type StreamStats = Awaited<ReturnType<Streams['stats']>>;

const states = ['NEW', 'PENDING', 'CONNECTED', 'PROCESSED_REMOTE', 'STOPPED', 'FAILED'] as const;

type Sample = (view: PullView, stats: StreamStats) => number;

/** Per stream, out of what its actor counts: name, help, value. An actor that is started anew counts from 0, as Prometheus allows. */
const counters: readonly (readonly [string, string, Sample])[] = [
  ['source_bytes', 'Bytes received from the source', (_, { sourceBytes }) => sourceBytes],
  ['source_reconnects', 'Times that the source was dialled again', (_, { reconnects }) => reconnects],
  ['video_frames', 'Frames received from the source', (_, { videoFrames }) => videoFrames],
  ['video_keyframes', 'Keyframes received from the source', (_, { videoKeyframes }) => videoKeyframes],
  ['video_dropped_b_frames', 'B-frames left out', (_, { videoPath }) => videoPath.droppedB],
  ['audio_frames', 'Frames of audio received from the source', (_, { audioFrames }) => audioFrames],
  ['audio_decode_errors', 'Frames of audio that did not decode', (_, { audioPath }) => audioPath.decodeErrors],
  ['audio_jumps', 'Holes in the audio of the source', (_, { audioPath }) => audioPath.jumps],
  ['audio_dropped', 'Frames of audio left out to stay in time', (_, { audioPath }) => audioPath.dropped],
  ['sent_packets', 'RTP packets sent to viewers', (_, { sent }) => sent.packets],
  ['sent_bytes', 'RTP payload sent to viewers, in bytes', (_, { sent }) => sent.bytes],
  ['resent_packets', 'RTP packets sent again on request', (_, { sent }) => sent.resent],
  ['send_calls', 'System calls that sent audio and video', (_, { datagrams }) => datagrams.systemCalls],
  ['datagrams', 'Datagrams of audio and video that the kernel took', (_, { datagrams }) => datagrams.taken],
  ['datagrams_blocked', 'Times that a queue was full: kept, or left out', (_, { datagrams }) => datagrams.blocked],
  ['datagrams_too_long', 'Datagrams longer than their way takes', (_, { datagrams }) => datagrams.tooLong],
  ['datagrams_dropped', 'Datagrams refused for another reason', (_, { datagrams }) => datagrams.dropped],
  [
    'segments_refused',
    'Messages of several packets that had to go out packet by packet',
    (_, { datagrams }) => datagrams.segmentsRefused,
  ],
  ['actor_restarts', 'Times that the thread of the stream was started again', ({ restarts }) => restarts],
];

const gauges: readonly (readonly [string, string, Sample])[] = [
  ['viewers', 'Viewers of the stream', (_, { viewers }) => viewers.length],
  ['cache_bytes', 'Packets kept for new viewers and for retransmission, in bytes', (_, { cacheBytes }) => cacheBytes],
  ['renditions', 'Encodings of the picture that are running', (_, { renditions }) => renditions.length],
  ['shards', 'Further threads that serve its viewers', (_, { shards }) => shards.length],
  [
    'fanout_native',
    '1 when the add-on sends, 0 when TypeScript does',
    (_, { fanout }) => (fanout === 'native' ? 1 : 0),
  ],
];

export function createMetrics(streams: Streams): Handle {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const labelNames = ['stream'] as const;
  const perState = new Gauge({
    name: 'sluice_streams',
    help: 'Wanted streams by state',
    labelNames: ['state'],
    registers,
  });
  const stuck = new Gauge({
    name: 'sluice_threads_stuck',
    help: 'Threads that hang in a native call and were given up on',
    registers,
  });
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
    const views = streams.list();
    const answers = await Promise.allSettled(views.map(({ pullId }) => streams.stats(pullId)));
    // In one turn: between the reset of one scrape and its figures another would add its own to them.
    stuck.set(streams.stuckThreads);
    perState.reset();
    for (const state of states) perState.set({ state }, views.filter((view) => view.state === state).length);
    for (const { metric, sample } of series) {
      metric.reset();
      for (const [n, view] of views.entries()) {
        const answer = answers[n];
        // An actor that does not answer now has no figures in this scrape; the others have.
        if (answer?.status !== 'fulfilled') continue;
        metric.inc({ stream: view.localName }, sample(view, answer.value));
      }
    }
    const headers = { 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' };
    return { status: 200, headers, body: await registry.metrics() };
  };
}
