/** A stream, its viewer, its recording and its threads, as the supervisor tells of them. */
import type { RecordingPart } from '../../src/core/recording/part.js';
import { describeChild } from '../../src/core/supervise/child.js';
import type { Supervision } from '../../src/core/supervise/supervision.js';
import type { PullInfo } from '../../src/supervisor/pull-info.js';
import type { ViewerInfo } from '../../src/supervisor/view.js';

export const somePull: PullInfo = {
  pullId: '5a072377-73c1-4caf-abd3-000000000001',
  localName: 'cam',
  givenName: 'cam',
  uri: 'rtmp://127.0.0.1/live/cam',
  uris: ['rtmp://127.0.0.1/live/cam'],
  remoteSessionId: null,
  playingUri: 'rtmp://127.0.0.1/live/cam',
  origin: 'rest',
  state: 'PROCESSED_REMOTE',
  reason: null,
  detail: '',
  record: false,
  hasAudio: true,
  hasVideo: true,
  media: {
    video: { codec: 'H264', width: 1280, height: 720, profileLevelId: '42c01f' },
    audio: { codec: 'AAC', sampleRateHz: 44_100, channels: 1 },
  },
  players: 0,
  linkDelayMs: null,
  viewers: 2,
  restarts: 0,
  createdAtMs: 1_790_000_000_000,
};

export const someViewer: ViewerInfo = {
  viewerId: 'ab12',
  pullId: somePull.pullId,
  name: 'cam',
  signalled: null,
  mediaProvider: 'WebRTC',
  isConnected: true,
  media: { video: { codec: 'H264', width: 1280, height: 720 }, audio: { codec: 'opus' } },
  wish: null,
  createdAtMs: 1_790_000_000_000,
  clientIp: '203.0.113.77',
  userAgent: '',
  report: null,
  bytesSent: null,
};

export const somePart: RecordingPart = {
  partId: 'b3b58b2e-0c1c-4f34-9c3f-000000000001',
  recordingId: 'b3b58b2e-0c1c-4f34-9c3f-000000000002',
  number: 1,
  streamName: 'cam',
  mediaSessionId: somePull.pullId,
  template: '{streamName}',
  state: 'finished',
  fileName: 'cam.mp4',
  startedAtMs: 1_790_000_000_000,
  durationMs: 1234.5,
  sizeBytes: 56_789,
  videoCodec: 'H264',
  audioCodec: null,
  width: 1280,
  height: 720,
};

const shard = { kind: 'shard', id: 'thread-2', name: 'cam', state: 'running' } as const;
const stream = { kind: 'stream', id: somePull.pullId, name: 'cam', state: 'running' } as const;
const record = {
  restarts: 2,
  lastEnd: { cause: 'memory', error: 'it held 257 of 256 MiB', atMs: 1_790_000_000_000 },
  lastHandOver: { gapMs: 640, viewersKept: 12, viewersLost: 1, atMs: 1_790_000_000_500 },
  nextTryAtMs: null,
};
const room = { viewers: 3, more: 120, limit: 'cpu' } as const;
export const someTree: Supervision = {
  process: {
    memoryBytes: 3e8,
    memoryCeilingBytes: 8e9,
    cpuShare: 0.25,
    network: { sentKbps: 250_000, receivedKbps: 50_000, maxKbps: 1_000_000 },
    loopLagMs: 4,
    threadsStuck: 0,
    cpuMs: 1500,
    room,
  },
  children: [
    describeChild(stream, { usedBytes: 3e7, budgetBytes: 2.5e8, lagMs: 7, cpuMs: 2500 }, record, [
      describeChild(shard, { usedBytes: 1e7, budgetBytes: 2.5e8, lagMs: 1, cpuMs: 500 }),
    ]),
    describeChild({ kind: 'pool', id: 'pool', name: '', state: 'ended' }, null),
  ],
  ends: [{ kind: 'stream', cause: 'memory', count: 2 }],
  refused: { cpu: 3 },
};

export const someMetrics = {
  audio: { rateBps: 64_000, stampMs: 41 },
  video: {
    rateBps: 900_000,
    stampMs: 40,
    keyframes: 2,
    pFrames: 60,
    bFrames: 30,
    gopFrames: 46,
    keyframeIntervalMs: 1533,
    fps: 30,
  },
};

const caption = { name: 'onTextData', values: [{ text: 'hello' }], timestampMs: 40, receivedMs: 1_790_000_000_000 };
export const someSample = { atMs: 1, sourceKbps: 2, fps: 3, sentKbps: 4, viewers: 5, lossFraction: 0, cores: 0 };
export const someData = [
  { seq: 1, ...caption },
  { seq: 2, ...caption },
];
