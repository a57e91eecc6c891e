import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mseAnswer, mseMedia } from '../../../../src/core/wcs/mse-media.js';
import { driveWcsSession as open, status } from '../../../support/server/wcs-driver.js';

const mse = { mediaProvider: 'MSE', sdp: 'v=0\r\nm=video 0 RTP/AVP 112\r\n' };

test('a play by MSE is answered, fed by the socket that its client opens then, and let go with it', () => {
  const session = open();
  assert.deepEqual(session.play('m', mse), [status('PENDING'), 'packets 1 cam']);
  assert.deepEqual(session.answer(1), ['setRemoteSDP']);
  assert.deepEqual(session.step({ kind: 'media.opened', socket: 7 }), ['feed 1 viewer1 to 7']);
  const [event] = session.frames({ kind: 'view.connected', play: 1 });
  const { status: state, mediaProvider } = Object(event?.data[0]);
  assert.deepEqual([state, mediaProvider], ['PLAYING', 'MSE']);
  assert.deepEqual(session.say('stopStream', { mediaSessionId: 'm' }), [
    'leave viewer1',
    'close media 7',
    status('STOPPED Stopped by user'),
  ]);
});

test('clients name no stream on a socket for media: each play is answered when the socket of the one before is there', () => {
  const session = open();
  for (const [play, id] of [
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
  ] as const) {
    session.play(id, mse);
    assert.deepEqual(session.answer(play), play === 1 ? ['setRemoteSDP'] : []);
  }
  assert.deepEqual(session.step({ kind: 'media.opened', socket: 1 }), ['feed 1 viewer1 to 1', 'setRemoteSDP']);
  // One that is stopped before it had its turn costs nobody a turn.
  assert.deepEqual(session.say('stopStream', { mediaSessionId: 'b' }), [
    'leave viewer2',
    'setRemoteSDP',
    status('STOPPED Stopped by user'),
  ]);
  assert.deepEqual(session.step({ kind: 'media.opened', socket: 2 }), ['feed 3 viewer3 to 2']);
  assert.deepEqual(session.step({ kind: 'media.opened', socket: 3 }), ['close media 3']);
});

test('a play whose socket never comes, or goes, fails; those that wait for their turn have their time from then', () => {
  const session = open();
  for (const id of ['a', 'b']) session.play(id, mse);
  for (const play of [1, 2]) session.answer(play);
  for (const ms of [5000, 9999]) assert.deepEqual(session.at(ms).step({ kind: 'tick' }).slice(1), []);
  assert.deepEqual(session.at(10_000).step({ kind: 'tick' }).slice(0, 3), [
    'leave viewer1',
    'setRemoteSDP',
    status('FAILED Failed by error'),
  ]);
  assert.deepEqual(session.step({ kind: 'media.opened', socket: 1 }), ['feed 2 viewer2 to 1']);
  const closed = { kind: 'media.over', play: 2, code: 'viewer.mediaSocket' } as const;
  assert.deepEqual(session.step(closed), ['leave viewer2']);
  assert.deepEqual(session.at(10_999).step({ kind: 'tick' }), []);
  assert.deepEqual(session.at(11_000).step({ kind: 'tick' }).slice(0, 2), [
    'close media 1',
    status('FAILED Failed by error'),
  ]);
});

test('a play that its client stops is stopped, also where the end of its socket is here before the word of it', () => {
  const session = open();
  session.play('m', mse);
  session.answer(1);
  session.step({ kind: 'media.opened', socket: 1 });
  session.step({ kind: 'view.connected', play: 1 });
  assert.deepEqual(session.step({ kind: 'media.over', play: 1, code: 'viewer.mediaSocket' }), ['leave viewer1']);
  assert.deepEqual(session.step({ kind: 'view.ended', play: 1, code: null }), []);
  assert.deepEqual(session.say('stopStream', { mediaSessionId: 'm' }), [
    'close media 1',
    status('STOPPED Stopped by user'),
  ]);
  assert.deepEqual(session.at(1000).step({ kind: 'tick' }), []);
});

test('a player is told of its tracks once: others end the play, another size does not', () => {
  const video = { codec: 'H264', width: 640, height: 360 };
  const session = open();
  session.play('m', mse);
  session.answer(1);
  session.step({ kind: 'media.opened', socket: 1 });
  session.step({ kind: 'view.connected', play: 1 });
  const audio = { codec: 'mpeg4-generic' };
  const resized = session.step({ kind: 'view.media', play: 1, media: { video, audio } });
  assert.deepEqual(resized, ['notifyVideoFormat RESIZE', 'notifyStreamEvent']);
  const lacks = (): readonly string[] => session.step({ kind: 'view.media', play: 1, media: { video, audio: null } });
  assert.deepEqual(lacks(), []);
  // For a moment, as where a thread takes over.
  assert.deepEqual(session.at(1000).step({ kind: 'tick' }), []);
  session.step({ kind: 'view.media', play: 1, media: { video, audio } });
  assert.deepEqual(session.at(4000).step({ kind: 'tick' }), []);
  lacks();
  assert.deepEqual(session.at(4250).step({ kind: 'tick' }), []);
  assert.deepEqual(session.at(7250).step({ kind: 'tick' }).slice(0, 3), [
    'leave viewer1',
    'close media 1',
    status('FAILED Stream failed'),
  ]);
});

test('a session that ends lets go of its sockets for media, and takes none that comes late', () => {
  const session = open();
  session.play('m', mse);
  session.answer(1);
  session.step({ kind: 'media.opened', socket: 1 });
  assert.deepEqual(session.step({ kind: 'closed' }), ['leave viewer1', 'close media 1']);
  assert.deepEqual(session.step({ kind: 'media.opened', socket: 2 }), ['close media 2']);
});

test('a socket for media names its session, is pinged as any other, and is none for signalling any more', () => {
  const session = open({ established: false });
  assert.deepEqual(session.say('connectMediaTransport', { authToken: '/a/b' }), ['media of /a/b']);
  assert.deepEqual(session.say('connectMediaTransport', { authToken: '/c/d' }), []);
  assert.deepEqual(session.say('connection', { appKey: 'defaultApp' }), []);
  assert.deepEqual(session.at(5000).step({ kind: 'tick' }), ['ping']);
  assert.deepEqual(open().say('connectMediaTransport', { authToken: '/a/b' }), []);
});

test('the answer has port 0 for what does not come; audio that is not AAC is missing, and why', () => {
  const both = mseMedia({ video: null, audio: { codec: 'AAC', sampleRateHz: 48_000, channels: 2 } }, null);
  assert.deepEqual(both, { video: null, audio: { codec: 'mpeg4-generic' } });
  assert.match(mseAnswer(both), /m=video 0 [\s\S]*m=audio 1 /);
  const hevc = mseMedia({ video: { codec: 'HEVC', profileIdc: 1, width: 1280, height: 720 }, audio: null }, null);
  assert.deepEqual(hevc, { video: { codec: 'H264', width: 1280, height: 720 }, audio: null });
  const opus = mseMedia({ video: null, audio: { codec: 'Opus', sampleRateHz: 48_000, channels: 2 } }, null);
  assert.deepEqual(opus, {
    video: null,
    audio: null,
    missing: [{ track: 'audio', code: 'viewer.audioCodec', detail: 'Opus' }],
  });
  assert.match(mseAnswer(opus), /m=audio 0 /);
});
