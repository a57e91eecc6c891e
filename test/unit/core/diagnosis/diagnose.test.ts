import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertsOf, diagnose } from '../../../../src/core/diagnosis/diagnose.js';
import type { PathFacts, StreamFacts, ViewerFacts } from '../../../../src/core/diagnosis/facts.js';

const path: PathFacts = {
  videoRateBps: 2_500_000,
  audioRateBps: 128_000,
  fps: 30,
  gopFrames: 60,
  keyframeIntervalMs: 2000,
  bFrames: 0,
  videoStampMs: 10_000,
  audioStampMs: 10_020,
  videoPath: 'pass',
  audioPath: 'transcode',
  reconnects: 0,
  jumps: 0,
  decodeErrors: 0,
  skippedFrames: 0,
  blockedDatagrams: 0,
  sentDatagrams: 10_000,
  renditionFailures: [],
  furtherTracks: 0,
};
const video = { codec: 'H264', width: 1280, height: 720, profileLevelId: '42c01f' } as const;
const audio = { codec: 'AAC', sampleRateHz: 48_000, channels: 2 };
const viewer: ViewerFacts = {
  isConnected: true,
  ageMs: 60_000,
  lossFraction: 0,
  roundTripMs: 20,
  cannotDecode: false,
  report: { framesDecoded: 1800, freezes: 0, delayMs: 150, protocol: 'udp', bitrateKbps: 2600, codec: 'H264, opus' },
};
const healthy: StreamFacts = {
  isTls: false,
  state: 'PROCESSED_REMOTE',
  reason: null,
  detail: '',
  hasHadMedia: true,
  wantsVideo: true,
  wantsAudio: true,
  playsStandby: false,
  media: { video, audio },
  path,
  restarts: 0,
  viewers: [viewer],
  endings: {},
  offeredAddresses: ['203.0.113.7'],
};

const codesOf = (facts: Partial<StreamFacts>): readonly string[] =>
  alertsOf(diagnose({ ...healthy, ...facts })).map(({ code }) => code);
const withPath = (change: Partial<PathFacts>): readonly string[] => codesOf({ path: { ...path, ...change } });
const withReport = (change: Partial<NonNullable<ViewerFacts['report']>>): readonly string[] => {
  const { report } = viewer;
  return report === null ? [] : codesOf({ viewers: [{ ...viewer, report: { ...report, ...change } }] });
};

test('a healthy stream has every check answered with OK', () => {
  const checks = diagnose(healthy);
  assert.ok(checks.length > 20);
  assert.deepEqual(
    checks.filter(({ code }) => code !== 'OK'),
    [],
  );
});

const stops = [
  ['source.nameNotResolved', 'source.name', 'INGRESS_NAME_NOT_RESOLVED'],
  ['source.addressDenied', 'source.name', 'INGRESS_ADDRESS_DENIED'],
  ['source.refused', 'source.connect', 'INGRESS_REFUSED'],
  ['source.unreachable', 'source.connect', 'INGRESS_UNREACHABLE'],
  ['source.timeout', 'source.connect', 'INGRESS_TIMEOUT'],
  ['source.untrusted', 'source.tls', 'INGRESS_TLS_UNTRUSTED'],
  ['source.protocol', 'source.rtmp', 'INGRESS_RTMP_BROKEN'],
  ['source.notAuthorised', 'source.play', 'INGRESS_NOT_AUTHORISED'],
  ['source.notFound', 'source.play', 'INGRESS_STREAM_NOT_FOUND'],
  ['source.rejected', 'source.play', 'INGRESS_REJECTED'],
  ['source.noMedia', 'source.media', 'INGRESS_NO_MEDIA'],
  ['source.stalled', 'source.media', 'INGRESS_STALLED'],
  ['source.ended', 'source.media', 'INGRESS_ENDED'],
  ['source.unsupportedCodec', 'source.media', 'INGRESS_CODEC_UNSUPPORTED'],
  ['source.unreadableVideo', 'source.media', 'INGRESS_TRACK_UNREADABLE'],
] as const;
for (const [reason, step, code] of stops) {
  test(`${reason} stops the way at ${step} with ${code}: all before is well, all behind unknown`, () => {
    const checks = diagnose({
      ...healthy,
      isTls: true,
      state: 'PENDING',
      reason,
      detail: 'seen',
      path: null,
      viewers: [],
    });
    const way = checks.filter(({ name }) => name.startsWith('source.'));
    const at = way.findIndex(({ name }) => name === step);
    assert.deepEqual([way[at]?.code, way[at]?.status, way[at]?.evidence], [code, 'error', 'seen']);
    assert.ok(way.slice(0, at).every(({ status }) => status === 'ok'));
    assert.ok(way.slice(at + 1).every(({ status }) => status === 'unknown'));
  });
}

test('a way that is not yet gone is not judged', () => {
  const statuses = diagnose({ ...healthy, state: 'PENDING', path: null, viewers: [] }).map(({ status }) => status);
  assert.ok(!statuses.includes('error') && !statuses.includes('warning'));
});

test('what the source sends is judged by its limits', () => {
  assert.deepEqual(withPath({ keyframeIntervalMs: 4001 }), ['INGRESS_LONG_KEY_FRAME_INTERVAL']);
  assert.deepEqual(withPath({ keyframeIntervalMs: 4000 }), []);
  // One keyframe, and none since.
  assert.deepEqual(withPath({ gopFrames: 0, keyframeIntervalMs: 4001 }), ['INGRESS_LONG_KEY_FRAME_INTERVAL']);
  assert.deepEqual(withPath({ bFrames: 5, videoPath: 'reencode' }), ['INGRESS_HAS_BFRAME']);
  assert.deepEqual(withPath({ videoPath: 'refuse' }), ['EGRESS_STREAM_CREATION_FAILED_BY_OUTPUT_PROFILE']);
  assert.deepEqual(withPath({ videoRateBps: 20_000_001 }), ['INGRESS_BITRATE_HIGH']);
  assert.deepEqual(withPath({ videoRateBps: 99_999 }), ['INGRESS_BITRATE_LOW']);
  assert.deepEqual(withPath({ fps: 120 }), ['INGRESS_FRAMERATE_HIGH']);
  assert.deepEqual(withPath({ fps: 5 }), ['INGRESS_FRAMERATE_LOW']);
  const sized = (width: number, height: number) => codesOf({ media: { audio, video: { ...video, width, height } } });
  assert.deepEqual(sized(3841, 2160), ['INGRESS_WIDTH_LARGE']);
  assert.deepEqual(sized(1080, 2161), ['INGRESS_HEIGHT_LARGE']);
  assert.deepEqual(sized(128, 240), ['INGRESS_WIDTH_SMALL']);
  assert.deepEqual(sized(320, 96), ['INGRESS_HEIGHT_SMALL']);
  const sampled = (sampleRateHz: number) => codesOf({ media: { video, audio: { ...audio, sampleRateHz } } });
  assert.deepEqual(sampled(8000), ['INGRESS_SAMPLERATE_LOW']);
  assert.deepEqual(sampled(96_000), ['INGRESS_SAMPLERATE_HIGH']);
  const coded = (profileLevelId: string) => codesOf({ media: { audio, video: { ...video, profileLevelId } } });
  assert.deepEqual(coded('6e001f'), ['INGRESS_PROFILE_UNCOMMON']);
  assert.deepEqual(coded('64003c'), ['INGRESS_LEVEL_HIGH']);
  const hevc = { codec: 'HEVC', profileIdc: 1, width: 1280, height: 720 } as const;
  assert.deepEqual(codesOf({ media: { audio, video: hevc } }), ['INGRESS_CODEC_RARE']);
  assert.deepEqual(codesOf({ media: { video: null, audio } }), ['INGRESS_NO_VIDEO']);
  assert.deepEqual(codesOf({ media: { video: null, audio }, wantsVideo: false }), []);
  assert.deepEqual(codesOf({ media: { video, audio: null } }), ['INGRESS_NO_AUDIO']);
  const missing = [{ track: 'audio', code: 'source.unsupportedCodec', detail: 'a codec of its own' }] as const;
  assert.deepEqual(codesOf({ media: { video, audio: null, missing } }), ['INGRESS_CODEC_UNSUPPORTED']);
  const silent = [{ track: 'audio', code: 'source.trackSilent', detail: '' }] as const;
  assert.deepEqual(codesOf({ media: { video, audio, missing: silent } }), ['INGRESS_TRACK_SILENT']);
  assert.deepEqual(withPath({ furtherTracks: 2 }), ['INGRESS_FURTHER_TRACKS']);
  assert.deepEqual(withPath({ jumps: 3 }), ['INGRESS_TIMESTAMP_JUMPS']);
  assert.deepEqual(withPath({ audioStampMs: 11_500 }), ['INGRESS_AV_OFFSET']);
  assert.deepEqual(withPath({ reconnects: 3 }), ['INGRESS_UNSTABLE']);
  assert.deepEqual(codesOf({ playsStandby: true }), ['INGRESS_STANDBY_PLAYS']);
});

test('the thread and what leaves it', () => {
  assert.deepEqual(codesOf({ path: null }), ['THREAD_NOT_ANSWERING']);
  assert.deepEqual(codesOf({ restarts: 1 }), ['THREAD_RESTARTED']);
  assert.deepEqual(withPath({ audioPath: 'unavailable' }), ['EGRESS_STREAM_CREATION_FAILED_BY_DECODER']);
  assert.deepEqual(withPath({ decodeErrors: 1 }), ['EGRESS_TRANSCODE_DECODING_FAILED']);
  assert.deepEqual(withPath({ skippedFrames: 1 }), ['EGRESS_TRANSCODE_ENCODING_FAILED']);
  assert.deepEqual(withPath({ renditionFailures: ['no'] }), ['EGRESS_STREAM_CREATION_FAILED_BY_ENCODER']);
  assert.deepEqual(withPath({ blockedDatagrams: 201 }), ['INTERNAL_QUEUE_CONGESTION']);
});

test('viewers: their network, their loss, and what they see', () => {
  assert.deepEqual(codesOf({ offeredAddresses: ['10.0.0.1', 'fd00::1'] }), ['VIEWER_ONLY_PRIVATE_ADDRESSES']);
  assert.deepEqual(codesOf({ offeredAddresses: ['127.0.0.1'] }), []);
  assert.deepEqual(codesOf({ offeredAddresses: ['10.0.0.1', '203.0.113.7'] }), []);
  assert.deepEqual(codesOf({ endings: { 'viewer.iceTimeout': 2 } }), ['VIEWER_ICE_FAILED']);
  assert.deepEqual(codesOf({ endings: { 'viewer.iceKeepAlive': 2 } }), ['VIEWER_WENT_SILENT']);
  assert.deepEqual(codesOf({ endings: { 'viewer.dtls': 1 } }), ['VIEWER_DTLS_FAILED']);
  assert.deepEqual(codesOf({ viewers: [{ ...viewer, lossFraction: 0.06 }] }), ['VIEWER_LOSS_HIGH']);
  assert.deepEqual(codesOf({ viewers: [{ ...viewer, roundTripMs: 301 }] }), ['VIEWER_ROUND_TRIP_HIGH']);
  assert.deepEqual(withReport({ framesDecoded: 0 }), ['VIEWER_NOT_DECODING']);
  assert.deepEqual(codesOf({ viewers: [{ ...viewer, cannotDecode: true }] }), ['VIEWER_NOT_DECODING']);
  assert.deepEqual(withReport({ freezes: 4 }), ['VIEWER_FREEZES']);
  assert.deepEqual(withReport({ delayMs: 2001 }), ['VIEWER_DELAY_HIGH']);
  assert.deepEqual(withReport({ protocol: 'tcp' }), ['VIEWER_BY_TCP']);
  const untold = diagnose({ ...healthy, viewers: [{ ...viewer, report: null }] });
  assert.equal(untold.find(({ name }) => name === 'viewers.picture')?.status, 'unknown');
});

test('errors come before warnings, and those before notes', () => {
  const alerts = alertsOf(
    diagnose({ ...healthy, path: null, restarts: 1, endings: { 'viewer.iceKeepAlive': 1, 'viewer.dtls': 1 } }),
  );
  assert.deepEqual(
    alerts.map(({ status }) => status),
    ['error', 'warning', 'info'],
  );
});
