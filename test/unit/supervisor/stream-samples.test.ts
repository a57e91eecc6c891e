import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamStats } from '../../../actors/stats.js';
import { countsOf, createStreamSamples } from '../../../src/supervisor/stream-samples.js';

const track = { rateBps: 0, stampMs: 0 };
const path = { kind: 'pass', reason: '', decodeErrors: 0, jumps: 0, dropped: 0 } as const;

const statsAt = (bytes: number, jumps = 0, viewers: StreamStats['viewers'] = []): StreamStats => ({
  fanout: null,
  sourceBytes: bytes,
  source: {
    audio: track,
    video: { ...track, keyframes: 1, pFrames: 1, bFrames: 0, gopFrames: 30, keyframeIntervalMs: 1000, fps: 30 },
  },
  videoFrames: 1,
  videoKeyframes: 1,
  videoPath: { kind: 'pass', reason: '', droppedB: 0 },
  renditions: [],
  audioFrames: 1,
  audioPath: { ...path, jumps },
  otherAudio: [],
  otherTracks: [],
  missing: [],
  reconnects: 0,
  skippedMessages: 0,
  trackOffsetMs: 0,
  stampSpeeds: { audio: 1, video: 1 },
  gopPackets: 0,
  cacheBytes: 0,
  addedDelay: { messages: 0, sumMs: 0, worstMs: 0 },
  sent: { packets: 0, bytes: bytes * 2, resent: 0, nacked: 0, keyRequests: 0 },
  datagrams: { systemCalls: 0, taken: 0, blocked: 0, tooLong: 0, dropped: 0, segmentsRefused: 0 },
  viewers,
  shards: [],
});

const viewer = (bytesSent: number): StreamStats['viewers'][number] => ({
  viewerId: 'a',
  connected: true,
  audioCodec: null,
  videoEncoding: 'source',
  packetsSent: 0,
  bytesSent,
  videoBytesSent: 0,
  packetsResent: 0,
  packetsNacked: 0,
  framesSkipped: 0,
  keyRequests: 0,
  cannotDecode: false,
  lossFraction: 0.1,
  roundTripMs: null,
  jitterMs: null,
  estimateKbps: null,
  estimateKind: null,
});

test('rates are those between two samples, and a viewer has none before its second', () => {
  const samples = createStreamSamples();
  samples.add(statsAt(0, 0, [viewer(0)]), [], 100, 0);
  assert.equal(samples.viewerKbps.get('a'), undefined);
  samples.add(statsAt(625_000, 0, [viewer(250_000)]), [], 350, 5000);
  assert.deepEqual(samples.samples.at(-1), {
    atMs: 5000,
    sourceKbps: 1000,
    fps: 30,
    sentKbps: 2000,
    viewers: 1,
    lossFraction: 0.1,
    cores: 0.05,
  });
  assert.equal(samples.viewerKbps.get('a'), 400);
});

test('a thread that begins anew counts from 0, and makes no negative rate', () => {
  const samples = createStreamSamples();
  samples.add(statsAt(1_000_000), [], 900, 0);
  samples.add(statsAt(1000), [], 10, 5000);
  assert.deepEqual([samples.samples.at(-1)?.sourceKbps, samples.samples.at(-1)?.cores], [0, 0]);
});

test('ten minutes are kept, and what was counted in the last one', () => {
  const samples = createStreamSamples();
  for (let n = 0; n <= 200; n += 1) samples.add(statsAt(0, n), [], 0, n * 5000);
  assert.equal(samples.samples.length, 121);
  assert.equal(samples.lastMinute(countsOf(statsAt(0, 200)), 1_000_000).jumps, 12);
});

test('who is served by another than the thread counts, by what each was sent since the sample before', () => {
  const samples = createStreamSamples();
  const player = (viewerId: string, bytesSent: number) => ({ viewerId, bytesSent });
  samples.add(statsAt(0, 0, [viewer(0)]), [player('m', 0), player('h', 1_000_000)], 0, 0);
  samples.add(statsAt(0, 0, [viewer(0)]), [player('m', 625_000)], 0, 5000);
  assert.equal(samples.viewerKbps.get('m'), 1000);
  const [, second] = samples.samples;
  assert.deepEqual([second?.viewers, second?.sentKbps], [2, 1000]);
});
