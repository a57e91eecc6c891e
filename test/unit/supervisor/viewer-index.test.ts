import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MediaInfo } from '../../../src/core/codec/media-info.js';
import type { PlaybackReport } from '../../../src/core/whep/playback-report.js';
import type { SourceData } from '../../../src/supervisor/data-ring.js';
import type { SourceNews } from '../../../src/supervisor/media-watch.js';
import { createViewerIndex } from '../../../src/supervisor/viewer-index.js';

const source: MediaInfo = { video: null, audio: { codec: 'AAC', sampleRateHz: 44_100, channels: 1 } };
const media = { video: null, audio: { codec: 'opus' } };

const report = (firstFrameMs: number | null): PlaybackReport => ({
  framesDecoded: 1,
  framesDropped: 0,
  firstFrameMs,
  freezes: 0,
  frozenMs: 0,
  framesPerSecond: 30,
  bitrateKbps: 900,
  lossFraction: 0,
  jitterMs: 3,
  roundTripMs: null,
  delayMs: null,
  codec: '',
  decoder: '',
  width: 0,
  height: 0,
  protocol: '',
  candidate: '',
});

function setUp(maxPerIp = 10, maxPerStream = 100) {
  const notified: string[] = [];
  const settled: string[] = [];
  const timed: [string, number][] = [];
  const clock = { nowMs: 0 };
  const index = createViewerIndex(
    { max: 5, maxPerIp, maxPerStream },
    {
      onCounted: () => {},
      onGone: (pullId) => notified.push(`gone ${pullId}`),
      onEnded: () => {},
      onTiming: (timing, ms) => timed.push([timing, ms]),
      nowMs: () => clock.nowMs,
    },
  );
  const add = (viewerId: string, pullId = 'pull', clientIp = '192.0.2.1'): void =>
    index.add({
      viewerId,
      pullId,
      clientIp,
      userAgent: '',
      name: 'cam',
      nameKey: 'key of cam',
      signalled: null,
      mediaProvider: 'WebRTC',
      bytesSent: null,
      wish: null,
      createdAtMs: 1,
      playedOf: ({ video }) => ({ ...media, video }),
      onSettled: () => settled.push(viewerId),
      onGone: () => {},
      onConnected: () => notified.push(`connected ${viewerId}`),
      onEnded: (reason) => notified.push(`ended ${viewerId} ${reason}`),
    });
  return { index, add, notified, settled, timed, clock };
}

test('a viewer with a session is notified of its end once, one without is not', () => {
  const { index, add, notified } = setUp();
  add('with');
  assert.deepEqual(index.joined('with', source), media);
  add('without');
  for (const viewerId of ['with', 'with', 'without', 'nobody']) index.end(viewerId, 'actor.dead');
  assert.deepEqual(notified, ['gone pull', 'ended with actor.dead', 'gone pull']);
});

test('a viewer that is removed is not notified, and cannot join any more', () => {
  const { index, add, notified } = setUp();
  add('a');
  assert.equal(index.remove('a')?.pullId, 'pull');
  assert.equal(index.remove('a'), undefined);
  assert.equal(index.joined('a', source), undefined);
  index.connected('a', 20, 30);
  assert.deepEqual(notified, ['gone pull']);
});

test('viewers are listed by pull, with and without a session', () => {
  const { index, add } = setUp();
  add('a', 'one');
  add('b', 'one');
  add('c', 'two');
  index.joined('b', source);
  assert.deepEqual(index.of('one'), ['a', 'b']);
  assert.deepEqual(index.sessionsOf('one'), ['b']);
  assert.deepEqual(index.of('three'), []);
});

test('viewers per address are limited, until one of them is gone', () => {
  const { index, add } = setUp(2);
  add('a');
  add('b');
  assert.throws(() => add('c'), { code: 'request.tooMany' });
  add('other', 'pull', '192.0.2.2');
  index.remove('a');
  add('c');
  assert.throws(() => add('d'), { code: 'request.tooMany' });
});

test('viewers with a session are listed with their media, and whether it flows', () => {
  const { index, add } = setUp();
  add('a');
  add('b');
  index.joined('a', source);
  const told = { clientIp: '192.0.2.1', userAgent: '', report: null, bytesSent: null };
  const viewer = {
    viewerId: 'a',
    pullId: 'pull',
    name: 'cam',
    signalled: null,
    mediaProvider: 'WebRTC',
    media,
    wish: null,
    createdAtMs: 1,
  };
  const shown = { ...viewer, ...told };
  assert.deepEqual(index.list(), [{ ...shown, isConnected: false }]);
  index.connected('a', 20, 30);
  assert.deepEqual(index.list(), [{ ...shown, isConnected: true }]);
  index.end('a', null);
  assert.deepEqual(index.list(), []);
});

test('viewers are limited in all, and the addresses of one IPv6 network count as one', () => {
  const { index, add } = setUp(2);
  add('a', 'pull', '2001:db8::1');
  add('b', 'pull', '2001:db8::2');
  assert.throws(() => add('c', 'pull', '2001:db8::3'), { code: 'request.tooMany' });
  for (const n of [1, 2, 3]) add(`d${n}`, 'pull', `192.0.2.${n}`);
  assert.throws(() => add('e', 'pull', '192.0.2.9'), { code: 'viewer.limit' });
  index.remove('a');
  add('e', 'pull', '192.0.2.9');
});

test('a viewer is settled when it is connected, and when it is gone', () => {
  const { index, add, settled } = setUp();
  add('a');
  add('b');
  index.connected('a', 20, 30);
  assert.deepEqual(settled, ['a']);
  index.remove('b');
  assert.deepEqual(settled, ['a', 'b']);
});

test('a join is timed: until its answer, its first check, DTLS, its media, and once the first frame that its player tells', () => {
  const { index, add, timed, clock } = setUp();
  add('a');
  clock.nowMs = 5;
  index.joined('a', source);
  clock.nowMs = 60;
  index.connected('a', 20, 30);
  index.report('a', report(null));
  index.report('a', report(400));
  index.report('a', report(400));
  assert.deepEqual(timed, [
    ['join', 60],
    ['answer', 5],
    ['ice', 20],
    ['dtls', 30],
    ['firstFrame', 400],
  ]);
});

test('who takes a stream otherwise than as a viewer hears what becomes of its source, and no more once it has gone', () => {
  const { index } = setUp();
  const heard: SourceNews[] = [];
  const data: SourceData = { name: 'onTextData', values: ['hello'], timestampMs: 40, receivedMs: 1 };
  const hearNoMore = index.onNews('pull', (news) => heard.push(news));
  index.sourceData('pull', data);
  index.sourceChanged('pull', 'source.stalled');
  index.sourceData('another', data);
  hearNoMore();
  index.sourceChanged('pull', null);
  assert.deepEqual(heard, [
    { kind: 'data', data },
    { kind: 'source', lost: 'source.stalled' },
  ]);
});

test('viewers of one stream are limited, whatever they play by', () => {
  const { index, add } = setUp(10, 1);
  add('a', 'one');
  assert.throws(() => add('b', 'one'), { code: 'viewer.limit', detail: 'viewers.maxPerStream is 1' });
  add('b', 'two');
  index.remove('a');
  add('c', 'one');
});
