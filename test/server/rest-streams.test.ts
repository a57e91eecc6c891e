import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import type { ViewerInfo } from '../../src/supervisor/view.js';
import { somePull } from './examples.js';
import { type ServerStage, startStage } from './stage.js';

const viewerOf = (viewerId: string, more: Partial<ViewerInfo> = {}): ViewerInfo => ({
  viewerId,
  pullId: somePull.pullId,
  name: 'cam',
  signalled: { mediaSessionId: `m-${viewerId}`, sessionId: '/192.0.2.1:a/host:8080', isTcpOnly: false },
  mediaProvider: 'WebRTC',
  isConnected: true,
  media: { video: { codec: 'H264', width: 1280, height: 720 }, audio: { codec: 'opus' } },
  wish: null,
  createdAtMs: 1_790_000_000_001,
  clientIp: '192.0.2.1',
  userAgent: '',
  report: null,
  bytesSent: null,
  ...more,
});
const whep = viewerOf('w', { signalled: null, isConnected: false });
let stage: ServerStage;

beforeEach(async () => {
  await stage?.end();
  stage = await startStage();
  stage.streams.watching = [
    viewerOf('a'),
    viewerOf('b', { signalled: { mediaSessionId: 'm-b', sessionId: '/b', isTcpOnly: true } }),
    whep,
  ];
});
after(() => stage.end());

async function found(filter: object): Promise<readonly string[] | number> {
  const { status, body } = await stage.post('/rest-api/stream/find', filter);
  if (status !== 200) return status;
  const streams: readonly { mediaSessionId: string }[] = JSON.parse(body);
  return streams.map(({ mediaSessionId }) => mediaSessionId);
}

async function terminated(filter: object): Promise<readonly string[] | number> {
  const before = stage.streams.terminated.length;
  const { status, body } = await stage.post('/rest-api/stream/terminate', filter);
  if (status !== 200) return status;
  assert.equal(body, '');
  return stage.streams.terminated.slice(before);
}

test('find_all gives pulls as published streams and viewers as streams that play, with the fields of WCS', async () => {
  const [published, played, ...others] = JSON.parse((await stage.ask('/rest-api/stream/find_all')).body);
  const same = {
    minBitrate: 0,
    maxBitrate: 0,
    history: false,
    gop: 0,
    fps: 0,
    audioBitrate: 0,
    codecImpl: '',
    cvoExtension: false,
    audioState: { muted: false },
    videoState: { muted: false },
    name: 'cam',
    hasVideo: true,
    hasAudio: true,
    record: false,
    videoCodec: 'H264',
    width: 1280,
    height: 720,
    bitrate: 0,
    quality: 0,
  };
  assert.deepEqual(published, {
    ...same,
    appKey: 'flashStreamingApp',
    sessionId: somePull.pullId,
    mediaSessionId: somePull.pullId,
    published: true,
    status: 'PUBLISHING',
    audioCodec: 'mpeg4-generic/44100/1',
    transport: 'TCP',
    createDate: 1_790_000_000_000,
    mediaType: 'publish',
    mediaProvider: 'Flash',
  });
  assert.deepEqual(played, {
    ...same,
    appKey: 'defaultApp',
    sessionId: '/192.0.2.1:a/host:8080',
    mediaSessionId: 'm-a',
    published: false,
    status: 'PLAYING',
    audioCodec: 'opus',
    transport: 'UDP',
    createDate: 1_790_000_000_001,
    mediaType: 'play',
    mediaProvider: 'WebRTC',
  });
  assert.equal(others.length, 2);
});

test('display metrics adds what is counted of the source, and of each viewer', async () => {
  const answer = await stage.post('/rest-api/stream/find', { mediaSessionIds: [pullId, 'm-a'], display: ['metrics'] });
  const [published, played] = JSON.parse(answer.body);
  assert.deepEqual(published.metrics, {
    VIDEO_CODEC: 95,
    VIDEO_WIDTH: 1280,
    VIDEO_HEIGHT: 720,
    VIDEO_RATE: 900_000,
    VIDEO_FPS: 30,
    VIDEO_GOP_SIZE: 46,
    VIDEO_K_FRAMES: 2,
    VIDEO_P_FRAMES: 60,
    VIDEO_B_FRAMES: 30,
    VIDEO_SYNC: 40,
    AUDIO_CODEC: 103,
    AUDIO_RATE: 64_000,
    AUDIO_SYNC: 41,
    VIDEO_LOST: 0,
    VIDEO_NACK: 0,
    VIDEO_PLI: 0,
    AUDIO_LOST: 0,
  });
  const { VIDEO_WIDTH, VIDEO_FPS, VIDEO_NACK } = played.metrics;
  assert.deepEqual([VIDEO_WIDTH, VIDEO_FPS, VIDEO_NACK], [1280, 30, 0]);
  const plain = JSON.parse((await stage.post('/rest-api/stream/find', { name: 'cam' })).body);
  assert.equal('metrics' in plain[0], false);
});

test('a viewer by WHEP is named by its viewerId, one that is not connected is PENDING, and a wish is shown', async () => {
  const wish = { width: 320, height: null, bitrateKbps: 300, quality: 40 };
  stage.streams.watching = [{ ...whep, wish, media: { video: null, audio: null } }];
  const [stream] = JSON.parse((await stage.post('/rest-api/stream/find', { published: false })).body);
  const { mediaSessionId, sessionId, status, hasVideo, hasAudio, videoCodec, audioCodec, width, bitrate, quality } =
    stream;
  assert.deepEqual([mediaSessionId, sessionId, status], ['w', 'w', 'PENDING']);
  assert.deepEqual([hasVideo, hasAudio, videoCodec, audioCodec, width], [false, false, null, null, 0]);
  assert.deepEqual([bitrate, quality], [300, 40]);
});

test('the transport of a viewer is that which it asked for, and TCP by the MSE provider', async () => {
  stage.streams.watching.push(viewerOf('c', { mediaProvider: 'MSE' }));
  const streams = JSON.parse((await stage.post('/rest-api/stream/find', { published: false })).body);
  assert.deepEqual(
    streams.map(({ transport }: { readonly transport: string }) => transport),
    ['UDP', 'TCP', 'UDP', 'TCP'],
  );
});

const pullId = somePull.pullId;
const filters: readonly (readonly [object, readonly string[] | number])[] = [
  [{}, [pullId, 'm-a', 'm-b', 'w']],
  [{ published: false }, ['m-a', 'm-b', 'w']],
  [{ published: 'true' }, [pullId]],
  [{ status: 'PLAYING' }, ['m-a', 'm-b']],
  [{ name: 'cam', status: 'PUBLISHING', published: true }, [pullId]],
  [{ name: 'cam', status: 'PLAYING', published: true }, 404],
  [{ name: 'other' }, 404],
  [{ status: 'FAILED' }, 404],
  [{ sessionId: '/b' }, ['m-b']],
  [{ sessionId: '/b', mediaSessionId: 'm-a' }, 404],
  [{ mediaSessionId: 'm-a', name: null, nodeId: null }, ['m-a']],
  [{ mediaSessionIds: ['m-b', pullId, 'x'] }, [pullId, 'm-b']],
  [{ mediaSessionIds: ['m-b', 'm-a'], mediaSessionId: 'm-a' }, ['m-a']],
  [{ mediaSessionIds: [] }, 404],
  [{ name: 'cam', nodeId: 'x' }, 400],
  [{ published: 'no' }, 400],
  [{ status: 7 }, 400],
  [[], 400],
];
for (const [filter, expected] of filters) {
  test(`/stream/find by ${JSON.stringify(filter)} gives ${expected}`, async () => {
    assert.deepEqual(await found(filter), expected);
  });
}

test('a key that is no filter is refused, and the filters are named', async () => {
  const { json } = await stage.post('/rest-api/stream/terminate', { name: 'cam', hasVideo: true });
  assert.match(String(json().message), /no filter; filters are mediaSessionId, .*sessionId/);
  assert.deepEqual(stage.streams.terminated, []);
});

test('/stream/terminate of viewers ends those alone, by id, by name and status, or by their session', async () => {
  assert.deepEqual(await terminated({ mediaSessionId: 'm-a' }), ['a']);
  assert.deepEqual(await terminated({ name: 'cam', status: 'PLAYING' }), ['a', 'b']);
  assert.deepEqual(await terminated({ name: 'cam', published: false }), ['a', 'b', 'w']);
  assert.deepEqual(await terminated({ sessionId: '/b' }), ['b']);
});

test('/stream/terminate of a published stream ends the pull, and a name alone its viewers too', async () => {
  assert.deepEqual(await terminated({ mediaSessionId: pullId }), [pullId]);
  assert.deepEqual(await terminated({ mediaSessionIds: [pullId], display: ['metrics'] }), [pullId]);
  assert.deepEqual(await terminated({ name: 'cam', published: true, status: 'PUBLISHING' }), [pullId]);
  assert.deepEqual(await terminated({ name: 'cam' }), ['a', 'b', 'w', pullId]);
});

test('/stream/terminate of what is not there answers 404, and without a filter 400', async () => {
  assert.equal(await terminated({ mediaSessionId: 'other' }), 404);
  for (const empty of [{}, { name: null }, { display: ['metrics'] }]) assert.equal(await terminated(empty), 400);
});

test('a pull whose source is away is no published stream, can be terminated by its name, and is gone when it has ended', async () => {
  stage.streams.watching = [];
  stage.streams.pulls = [{ ...somePull, state: 'PENDING' }];
  assert.equal((await stage.ask('/rest-api/stream/find_all')).status, 404);
  assert.equal(await terminated({ name: 'cam', status: 'PUBLISHING' }), 404);
  assert.deepEqual(await terminated({ name: 'cam' }), [pullId]);
  stage.streams.pulls = [{ ...somePull, state: 'STOPPED' }];
  assert.equal(await terminated({ name: 'cam' }), 404);
});

test('the audio of a published stream is named as SDP names it', async () => {
  const audio = { codec: 'PCMA', sampleRateHz: 8000, channels: 1 };
  stage.streams.pulls = [{ ...somePull, media: { video: null, audio } }];
  const [stream] = JSON.parse((await stage.ask('/rest-api/stream/find_all')).body);
  assert.deepEqual([stream.audioCodec, stream.videoCodec, stream.width], ['PCMA/8000/1', null, 0]);
});
