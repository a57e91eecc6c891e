/** What /metrics tells of each stream, by what its thread counts: name, help, value. */
import type { PullInfo } from '../supervisor/pull-info.js';
import type { Streams } from '../supervisor/streams.js';

export type StreamStats = Awaited<ReturnType<Streams['stats']>>;

export type Sample = (pull: PullInfo, stats: StreamStats) => number;
export type Series = readonly [name: string, help: string, sample: Sample];

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** A thread that was restarted counts from 0, as Prometheus allows. */
export const streamCounters: readonly Series[] = [
  ['source_bytes', 'Bytes received from sources', (_, { sourceBytes }) => sourceBytes],
  ['source_reconnects', 'Reconnects to sources', (_, { reconnects }) => reconnects],
  [
    'source_skipped_messages',
    'Messages from sources that could not be read or exceeded a limit',
    (_, { skippedMessages }) => skippedMessages,
  ],
  ['video_frames', 'Frames received from sources', (_, { videoFrames }) => videoFrames],
  ['video_keyframes', 'Keyframes received from sources', (_, { videoKeyframes }) => videoKeyframes],
  ['video_dropped_frames', 'B-frames dropped (media.bFrames)', (_, { videoPath }) => videoPath.droppedB],
  ['audio_frames', 'Audio frames received from sources', (_, { audioFrames }) => audioFrames],
  ['audio_decode_errors', 'Audio frames that could not be decoded', (_, { audioPath }) => audioPath.decodeErrors],
  ['audio_jumps', 'Gaps in the timestamps of the audio', (_, { audioPath }) => audioPath.jumps],
  ['audio_dropped', 'Audio frames dropped to stay in sync', (_, { audioPath }) => audioPath.dropped],
  ['added_delay_messages', 'Messages of watched sources that went through', (_, { addedDelay }) => addedDelay.messages],
  [
    'added_delay_seconds',
    'From the hand-over of those messages by the RTMP client until they were sent, all together',
    (_, { addedDelay }) => addedDelay.sumMs / 1000,
  ],
  ['sent_packets', 'RTP packets sent to viewers', (_, { sent }) => sent.packets],
  ['sent_bytes', 'RTP payload sent to viewers, in bytes', (_, { sent }) => sent.bytes],
  ['resent_packets', 'RTP packets retransmitted', (_, { sent }) => sent.resent],
  ['nacked_packets', 'RTP packets that viewers reported as lost (NACK), each time', (_, { sent }) => sent.nacked],
  ['key_requests', 'Keyframes that viewers asked for (PLI, FIR)', (_, { sent }) => sent.keyRequests],
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
  ['actor_restarts', 'Restarts of the threads of streams', ({ restarts }) => restarts],
];

export const streamGauges: readonly Series[] = [
  ['viewers', 'Viewers of the stream', ({ viewers }) => viewers],
  [
    'link_delay_seconds',
    'How much later than at its owner the stream is at this node of a cluster; 0: it is pulled here, or that is not known',
    ({ linkDelayMs }) => (linkDelayMs ?? 0) / 1000,
  ],
  ['cache_bytes', 'Packets cached for new viewers and for retransmission, in bytes', (_, { cacheBytes }) => cacheBytes],
  ['renditions', 'Running renditions of the video', (_, { renditions }) => renditions.length],
  ['shards', 'Additional threads that serve its viewers', (_, { shards }) => shards.length],
  [
    'worst_added_delay_seconds',
    'The longest time that a message of the source took through its thread',
    (_, { addedDelay }) => addedDelay.worstMs / 1000,
  ],
  [
    'viewer_loss_ratio',
    'Share of packets that its viewers report as lost (RTCP), the mean',
    (_, { viewers }) => mean(viewers.map(({ lossFraction }) => lossFraction)),
  ],
  [
    'viewer_round_trip_seconds',
    'Round trip to its viewers, the mean of those that report one',
    (_, { viewers }) => mean(viewers.flatMap(({ roundTripMs }) => roundTripMs ?? [])) / 1000,
  ],
  [
    'fanout_native',
    '0 when TypeScript sends by WebRTC, 1 when the add-on in C does, or nothing is sent',
    (_, { fanout }) => (fanout === 'js' ? 0 : 1),
  ],
];
