import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type ErrorCode, SluiceError } from '../../src/errors.js';
import { openWebSocket, type WebSocketClient } from '../support/server/websocket-client.js';
import { somePull } from './examples.js';
import { offer, type ServerStage, startStage } from './stage.js';

const mediaSessionId = 'b122ad00-e76c-11f1-8911-613b0d85c6de';
let stage: ServerStage;
let socket: WebSocketClient;

beforeEach(async () => {
  stage = await startStage();
});
afterEach(() => stage.end());

async function connect(path = '/'): Promise<Record<string, unknown>> {
  socket = await openWebSocket(`${stage.signalling}${path}`);
  send('connection', { appKey: 'defaultApp', mediaProviders: ['WebRTC'], clientVersion: '2.0' });
  const [user] = (await socket.nextMessage('getUserData')).data;
  assert.ok(typeof user === 'object' && user !== null);
  return { ...user };
}

const send = (message: string, ...data: readonly unknown[]): void => socket.sendJson({ message, data });

const play = (name: string, more: Readonly<Record<string, unknown>> = {}): void =>
  send('playStream', { mediaSessionId, name, published: false, mediaProvider: 'WebRTC', sdp: offer(), ...more });

async function status(): Promise<Record<string, unknown>> {
  const [event] = (await socket.nextMessage('notifyStreamStatusEvent')).data;
  assert.ok(typeof event === 'object' && event !== null);
  return { ...event };
}

/** The first status after PENDING, with its info, and our code where there is one. */
async function outcome(): Promise<readonly unknown[]> {
  for (;;) {
    const event = await status();
    if (event.status === 'PENDING') continue;
    const { code } = Object(event.reason);
    return [event.status, event.info, ...(code === undefined ? [] : [code])];
  }
}

for (const path of ['/', '/websocket', '/any/path?x=1']) {
  test(`a session is established on ${path}, with a token of WCS's form`, async () => {
    const user = await connect(path);
    assert.equal(user.status, 'ESTABLISHED');
    assert.match(String(user.authToken), /^\/127\.0\.0\.1:[0-9a-f]{32}\/127\.0\.0\.1:\d+$/);
    assert.equal('webRTCMetricsServerDescription' in user, false);
  });
}

test('both ports serve signalling', async () => {
  const other = await openWebSocket(stage.rest.replace('http', 'ws'));
  other.sendJson({ message: 'connection', data: [{}] });
  assert.equal((await other.nextMessage('getUserData')).message, 'getUserData');
});

test('a play is answered, PLAYING once connected, gets its resolution, and is STOPPED by the user', async () => {
  await connect();
  play('cam');
  assert.equal((await status()).status, 'PENDING');
  assert.deepEqual((await socket.nextMessage('setRemoteSDP')).data, [mediaSessionId, 'v=0\r\n']);
  stage.streams.viewed[0]?.onConnected();
  assert.deepEqual(await status(), {
    mediaSessionId,
    name: 'cam',
    published: false,
    hasVideo: true,
    hasAudio: true,
    status: 'PLAYING',
    mediaProvider: 'WebRTC',
    record: false,
    videoCodec: 'H264',
    width: 1280,
    height: 720,
    audioCodec: 'opus',
  });
  const size = { streamerVideoWidth: 1280, streamerVideoHeight: 720 };
  assert.deepEqual((await socket.nextMessage('notifyVideoFormat')).data, [
    { mediaSessionId, status: 'RESIZE', ...size },
  ]);
  assert.deepEqual((await socket.nextMessage('notifyStreamEvent')).data, [
    { mediaSessionId, type: 'resize', payload: size },
  ]);
  send('stopStream', { mediaSessionId, name: 'cam' });
  assert.deepEqual(await outcome(), ['STOPPED', 'Stopped by user']);
  assert.equal(stage.streams.left.length, 1);
});

const failures: readonly (readonly [ErrorCode, string])[] = [
  ['stream.notFound', 'Stream not found'],
  ['source.refused', 'Failed to connect to origin stream'],
  ['source.unsupportedCodec', 'No common codecs'],
  ['request.invalid', 'Bad URI'],
  ['viewer.overloaded', 'Failed by error'],
];
for (const [code, info] of failures) {
  test(`a play that fails by ${code} is FAILED "${info}"`, async () => {
    stage.streams.onView = async () => {
      throw new SluiceError(code);
    };
    await connect();
    play('rtmp://source.example/live/cam');
    assert.deepEqual(await outcome(), ['FAILED', info, code]);
  });
}

test('a viewer that never connects is FAILED in time, and removed', async () => {
  await stage.end();
  stage = await startStage({ settings: { viewers: { startTimeoutMs: 400 } } });
  await connect();
  play('cam');
  assert.deepEqual(await outcome(), ['FAILED', 'Failed by ICE timeout', 'viewer.iceTimeout']);
  assert.equal(stage.streams.left.length, 1);
});

test('a terminated stream is STOPPED "Stopped by rest /terminate", a lost one FAILED with its reason', async () => {
  await connect();
  play('cam');
  await socket.nextMessage('setRemoteSDP');
  stage.streams.viewed[0]?.onEnded(null);
  assert.deepEqual(await outcome(), ['STOPPED', 'Stopped by rest /terminate']);
  play('cam');
  await socket.nextMessage('setRemoteSDP');
  stage.streams.viewed[1]?.onEnded('source.ended');
  assert.deepEqual(await outcome(), ['FAILED', 'Stopped by publisher stop', 'source.ended']);
});

test('availableStream of an address is answered when its source has, and to a socket that is gone not at all', async () => {
  let answer = (_code: ErrorCode | null): void => {};
  stage.streams.whyUnavailable = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  await connect();
  send('availableStream', { mediaSessionId: '1', name: 'rtmp://source.example/live/cam' });
  send('ping', null);
  await socket.nextMessage('pong');
  answer('source.refused');
  const refused = { id: '1', status: 'false', info: 'Failed to connect to origin stream' };
  assert.deepEqual((await socket.nextMessage('availableStream')).data, [refused]);
  send('availableStream', { mediaSessionId: '2', name: 'rtmp://source.example/live/cam' });
  send('ping', null);
  await socket.nextMessage('pong');
  socket.close();
  await socket.closed;
  answer(null);
  assert.deepEqual(
    stage.logged.filter(({ event }) => event === 'server.bug'),
    [],
  );
});

test('availableStream answers the strings "true" and "false"', async () => {
  await connect();
  send('availableStream', { mediaSessionId: '1', name: 'cam' });
  assert.deepEqual((await socket.nextMessage('availableStream')).data, [{ id: '1', status: 'true' }]);
  send('availableStream', { mediaSessionId: '2', name: 'missing' });
  const missing = { id: '2', status: 'false', info: 'Stream not found' };
  assert.deepEqual((await socket.nextMessage('availableStream')).data, [missing]);
});

test('a socket that closes removes its viewers, also one whose answer comes later', async () => {
  let answer = (): void => {};
  stage.streams.onView = ({ name }, viewerId) =>
    new Promise((resolve) => {
      answer = () => resolve({ viewerId, localName: name, answerSdp: 'v=0', media: somePull.media, iceTag: 'i' });
    });
  await connect();
  play('cam');
  await status();
  socket.close();
  await socket.closed;
  const left = new Promise<string>((resolve) => {
    stage.streams.leave = async (viewerId) => {
      resolve(viewerId);
      return true;
    };
  });
  answer();
  assert.match(await left, /^[0-9a-f]{32}$/);
});

test('a client fills no log, however many plays it has refused', async () => {
  const sockets = await Promise.all(Array.from({ length: 5 }, () => openWebSocket(stage.signalling)));
  const plays = Array.from({ length: 200 }, (_, n) => ({ mediaSessionId: `m${n}`, name: 'nobody', sdp: offer() }));
  for (const one of sockets) {
    one.sendJson({ message: 'connection', data: [{ appKey: 'defaultApp' }] });
    for (const play of plays) one.sendJson({ message: 'playStream', data: [play] });
    one.sendJson({ message: 'ping', data: [null] });
  }
  const refused = async (one: WebSocketClient): Promise<void> => {
    for (let failed = 0; failed < plays.length; ) {
      const [first] = (await one.nextMessage('notifyStreamStatusEvent')).data;
      if (Object(first).status === 'FAILED') failed += 1;
    }
  };
  await Promise.all(sockets.map(refused));
  const lines = stage.logged.filter(({ event }) => event === 'wcs.ended').length;
  assert.ok(lines >= 500 && lines < 700, `${lines} lines`);
});

test('a client that sends malformed frames is closed with 1007', async () => {
  await connect();
  socket.sendBinary(Buffer.from([1, 2, 3]));
  for (let n = 0; n < 10; n += 1) socket.sendText('{');
  assert.equal(await socket.closed, 1007);
});

test('a client that sends too many messages is closed with 1008', async () => {
  await connect();
  for (let n = 0; n < 300; n += 1) send('ping', null);
  assert.equal(await socket.closed, 1008);
});

test('a bug report of almost 1 MiB is answered, and a message over it closes the socket', async () => {
  await connect();
  send('submitBugReport', { text: 'x'.repeat(1_000_000), type: 'no_media' });
  assert.deepEqual((await socket.nextMessage('BugReportStatusEvent')).data, [{ status: 'ACCEPTED', filename: '' }]);
  socket.sendText(JSON.stringify({ message: 'x'.repeat(1_048_576) }));
  assert.equal(await socket.closed, 1006);
});

test('a session plays as many streams as viewers.maxPerSession says', async () => {
  await stage.end();
  stage = await startStage({ settings: { viewers: { maxPerSession: 1 } } });
  await connect();
  play('cam');
  await socket.nextMessage('setRemoteSDP');
  play('cam', { mediaSessionId: 'another' });
  assert.deepEqual(await outcome(), ['FAILED', 'Too many streams in this session', 'viewer.sessionLimit']);
});

test('a client that does not read is closed, and its viewers are removed', async () => {
  // Answers until the kernel's buffers and our 256 KiB are full; longer ones may wait, as snapshots do.
  stage.streams.onView = async ({ name }, viewerId) => {
    const answerSdp = 'v'.repeat(250_000);
    return { viewerId, localName: name, answerSdp, media: somePull.media, iceTag: 'i' };
  };
  await connect();
  socket.pause();
  const isLeft = new Promise<void>((resolve) => {
    stage.streams.leave = async () => {
      resolve();
      return true;
    };
  });
  for (let n = 0; n < 64; n += 1) play('cam', { mediaSessionId: `id${n}` });
  await isLeft;
  socket.resume();
  await socket.closed;
});

test('draining, plays are FAILED, and new sockets are refused', async () => {
  await connect();
  stage.server.refuse(true);
  play('cam');
  assert.deepEqual(await outcome(), ['FAILED', 'RtspAgent shutdown', 'server.draining']);
  await assert.rejects(openWebSocket(stage.signalling), /503/);
});

test('close ends the sockets with 1001, and a second close does nothing', async () => {
  await connect();
  await Promise.all([stage.server.close(), stage.server.close()]);
  assert.equal(await socket.closed, 1001);
});
