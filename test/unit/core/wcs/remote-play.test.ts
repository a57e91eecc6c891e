import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { RemotePlay } from '../../../../src/core/wcs/remote-play.js';

const mediaSessionId = 'b122ad00-e76c-11f1-8911-613b0d85c6de';
const play = () => new RemotePlay({ mediaSessionId, streamName: 'cam' });
const frame = (message: string, ...data: readonly unknown[]): string => JSON.stringify({ message, data });
const status = (fields: object): string =>
  frame('notifyStreamStatusEvent', { mediaSessionId, name: 'cam', published: false, ...fields });

test('it asks as the Web SDK does: with its own id, as a WebRTC player, for no other size', () => {
  const remote = play();
  assert.equal(remote.connect().message, 'connection');
  const { message, data } = remote.play('v=0');
  assert.equal(message, 'playStream');
  const tracks = { hasVideo: true, hasAudio: true, status: 'PENDING', record: false, mediaProvider: 'WebRTC' };
  const sizes = { width: 0, height: 0, bitrate: 0, minBitrate: 0, maxBitrate: 0, quality: 0 };
  assert.deepEqual(data, [{ mediaSessionId, name: 'cam', published: false, ...tracks, ...sizes, sdp: 'v=0' }]);
  assert.equal(remote.stop().message, 'stopStream');
});

test('pings are answered, and the session is up by the name of the message alone', () => {
  const remote = play();
  assert.deepEqual(remote.receive(frame('ping', null)).send, [{ message: 'pong', data: [null] }]);
  assert.deepEqual(remote.receive(frame('getUserData', {})).events, [{ kind: 'established' }]);
});

test('the answer is that to our session, and comes once', () => {
  const remote = play();
  assert.deepEqual(remote.receive(frame('setRemoteSDP', 'other', 'v=0')).events, []);
  assert.deepEqual(remote.receive(frame('setRemoteSDP', mediaSessionId, 'v=0')).events, [
    { kind: 'answer', sdp: 'v=0' },
  ]);
  assert.deepEqual(remote.receive(frame('setRemoteSDP', mediaSessionId, 'v=0')).events, []);
});

for (const { info, isAnswered, reason } of [
  { info: 'Stream not found', isAnswered: false, reason: 'source.notFound' },
  { info: 'Restricted access', isAnswered: false, reason: 'source.notAuthorised' },
  { info: 'Publish stream is not ready', isAnswered: false, reason: 'source.noMedia' },
  { info: 'No available transcoders', isAnswered: false, reason: 'source.rejected' },
  { info: 'Stopped by publisher stop', isAnswered: true, reason: 'source.ended' },
  { info: 'Failed by RTP activity', isAnswered: true, reason: 'source.ended' },
]) {
  test(`FAILED "${info}" ${isAnswered ? 'behind the answer' : 'in place of an answer'} is ${reason}`, () => {
    const remote = play();
    if (isAnswered) remote.receive(frame('setRemoteSDP', mediaSessionId, 'v=0'));
    const { events } = remote.receive(status({ status: 'FAILED', info }));
    assert.deepEqual(events, [{ kind: 'ended', reason, detail: `FAILED ${JSON.stringify(info)}` }]);
  });
}

test('what plays on, another stream, and messages that are not known end nothing', () => {
  const remote = play();
  for (const text of [
    status({ status: 'PLAYING' }),
    status({ status: 'PLAYBACK_PROBLEM' }),
    frame('notifyStreamStatusEvent', { mediaSessionId: 'other', status: 'FAILED' }),
    frame('notifyVideoFormat', { mediaSessionId, status: 'RESIZE' }),
    frame('notifyStreamStatusEvent'),
  ]) {
    assert.deepEqual(remote.receive(text), { send: [], events: [] });
  }
});

test('a session that is refused ends it, and so does the other form of a failure', () => {
  const refused = play().receive(frame('fail', { apiMethod: 'ConnectionStatusEvent', status: 'FAILED', info: 'x' }));
  const failed = play().receive(
    frame('fail', { apiMethod: 'StreamStatusEvent', id: mediaSessionId, status: 'FAILED', info: 'Stream not found' }),
  );
  assert.deepEqual([refused.events[0]?.kind, failed.events[0]?.kind], ['ended', 'ended']);
});

test('what is no frame is the one error of the wire', () => {
  assert.throws(() => play().receive('{'), WireError);
});
