import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeStreams, request, watch } from '../../support/threads/fake-threads.js';

const uri = 'rtmp://source.example/live/cam';

test('a pull is listed at once as NEW, then with the states and the media that its actor reports', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  const view = streams.pull(request(uri, { localStreamName: 'cam', record: true, hasAudio: false }));
  assert.equal(view.state, 'NEW');
  await pass(0);
  const media = { video: { codec: 'H264', width: 640, height: 360, profileLevelId: '42e01f' }, audio: null } as const;
  threads[0]?.live();
  threads[0]?.emit({ kind: 'source.media', media });
  assert.deepEqual(streams.list(), [{ ...view, state: 'PROCESSED_REMOTE', media }]);
  assert.deepEqual(
    { ...view, pullId: '', createdAtMs: 0 },
    {
      pullId: '',
      localName: 'cam',
      givenName: 'cam',
      uri,
      origin: 'rest',
      state: 'NEW',
      reason: null,
      detail: '',
      record: true,
      hasAudio: false,
      hasVideo: true,
      media: { video: null, audio: null },
      viewers: 0,
      players: 0,
      linkDelayMs: null,
      restarts: 0,
      createdAtMs: 0,
      uris: [uri],
      playingUri: null,
      remoteSessionId: null,
    },
  );
  assert.deepEqual(streams.find('cam'), streams.list()[0]);
  assert.deepEqual(streams.find('RTMP://Source.example:1935/live/cam'), streams.list()[0]);
  assert.equal(streams.find('other'), undefined);
});

test('credentials of a uri appear neither in the list nor in the default name', async (t) => {
  const { streams, threads, lines } = await fakeStreams(t);
  const secret = 'rtmp://user:pa55@source.example/live/cam';
  const { localName, uri: shown } = streams.pull(request(secret));
  assert.deepEqual([localName, shown], Array(2).fill('rtmp://***@source.example/live/cam'));
  assert.equal(streams.find(secret)?.localName, localName);
  assert.equal(threads[0]?.options.boot.spec.uri, secret);
  assert.doesNotMatch(JSON.stringify([streams.list(), lines]), /pa55/);
});

test('a pull lists its uri and its stand-bys, is found by the first, and shows which one plays', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  const uris = [uri, 'rtmp://user:pa55@standby.example/live/cam', 'rtmp://third.example/live/cam'];
  streams.pull(request(uri, { uris, localStreamName: 'cam' }));
  await pass(0);
  const { spec } = threads[0]?.options.boot ?? assert.fail('no thread');
  assert.deepEqual([spec.uri, ...spec.standbyUris], uris);
  const shown = [uri, 'rtmp://***@standby.example/live/cam', 'rtmp://third.example/live/cam'];
  const playing = () => streams.find(uri)?.playingUri;
  assert.deepEqual(streams.find('cam')?.uris, shown);
  assert.equal(playing(), null);
  threads[0]?.emit({ kind: 'source.playing', index: 1, remoteSessionId: null });
  threads[0]?.live();
  threads[0]?.emit({ kind: 'source.playing', index: 1, remoteSessionId: null });
  assert.equal(playing(), shown[1]);
  threads[0]?.emit({ kind: 'source.playing', index: 0, remoteSessionId: null });
  assert.equal(playing(), uri);
  threads[0]?.emit({ kind: 'source.state', state: 'PENDING', reason: 'source.ended', detail: '' });
  assert.equal(playing(), null);
  assert.equal(streams.find('rtmp://third.example/live/cam'), undefined);
});

test('a source that accepts and sends nothing keeps the reason of its loss until its media comes', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(uri));
  await pass(0);
  const say = (state: 'PENDING' | 'CONNECTED' | 'PROCESSED_REMOTE', reason: 'source.noMedia' | null): void =>
    threads[0]?.emit({ kind: 'source.state', state, reason, detail: reason === null ? '' : 'no media for 5000 ms' });
  const shown = () => [streams.find(uri)?.state, streams.find(uri)?.reason, streams.find(uri)?.detail];
  say('PENDING', 'source.noMedia');
  say('CONNECTED', null);
  assert.deepEqual(shown(), ['CONNECTED', 'source.noMedia', 'no media for 5000 ms']);
  say('PROCESSED_REMOTE', null);
  assert.deepEqual(shown(), ['PROCESSED_REMOTE', null, '']);
});

test('a pull may have uris without uri', async (t) => {
  const { streams } = await fakeStreams(t);
  const list = { record: false, hasAudio: true, hasVideo: true, origin: 'rest' } as const;
  assert.equal(streams.pull({ ...list, uris: [`${uri}1`, `${uri}2`] }).uri, `${uri}1`);
});

test('a pull is terminated by its id or its uri', async (t) => {
  const { streams } = await fakeStreams(t);
  const { pullId } = streams.pull(request('rtmp://user:pa55@source.example/live/cam'));
  streams.terminate({ pullId });
  assert.equal(streams.list()[0]?.state, 'STOPPED');
  assert.throws(() => streams.terminate({ pullId }), { code: 'pull.notFound' });
});

test('a pull is terminated by its local name; of two fields that name two pulls neither is ended', async (t) => {
  const { streams } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  streams.pull(request(`${uri}2`, { localStreamName: 'other' }));
  for (const which of [{ uri, localName: 'other' }, { uri, localName: 'nobody' }, { localName: 'nobody' }, {}]) {
    assert.throws(() => streams.terminate(which), { code: 'pull.notFound' });
  }
  streams.terminate({ localName: 'cam' });
  streams.terminate({ uri: `${uri}2`, localName: 'other' });
  assert.deepEqual(
    streams.list().map(({ state }) => state),
    ['STOPPED', 'STOPPED'],
  );
});

const invalid = [
  { what: 'another scheme', request: request('ftp://source.example/live/cam'), says: /^uri: / },
  { what: 'a server of WCS and no stream', request: request('wss://source.example'), says: /^uri: .*remoteStreamName/ },
  { what: 'no application', request: request('rtmp://source.example'), says: /^uri: / },
  { what: 'a stand-by of another scheme', request: request(uri, { uris: ['ftp://a/b/c'] }), says: /^uris: / },
  { what: 'no uri', request: { ...request(uri), uri: undefined }, says: /^uri: / },
  {
    what: 'nine uris',
    request: request(uri, { uris: Array.from({ length: 8 }, (_, n) => `${uri}${n}`) }),
    says: /^uris: more than 8$/,
  },
  { what: 'an empty name', request: request(uri, { localStreamName: '' }), says: /^localStreamName: / },
  { what: 'a name of 513 bytes', request: request(uri, { localStreamName: `${'é'.repeat(256)}a` }), says: /^localStr/ },
  { what: 'half a character', request: request(uri, { localStreamName: '\ud83d' }), says: /^localStreamName: / },
  { what: 'no track', request: request(uri, { hasAudio: false, hasVideo: false }), says: /^hasVideo: / },
];
for (const { what, request: bad, says } of invalid) {
  test(`a pull with ${what} is refused, naming the field, and not listed`, async (t) => {
    const { streams } = await fakeStreams(t);
    assert.throws(() => streams.pull(bad), { code: 'request.invalid', detail: says });
    assert.deepEqual(streams.list(), []);
  });
}

test('a name of 512 bytes is accepted', async (t) => {
  const { streams } = await fakeStreams(t);
  const name = `../${'é'.repeat(254)}\0`;
  assert.equal(streams.pull(request(uri, { localStreamName: name })).localName, name);
});

test('a uri that is pulled, a name in use and a full list each have an error of their own', async (t) => {
  const { streams } = await fakeStreams(t, { pulls: { max: 2 } });
  streams.pull(request(uri, { localStreamName: 'cam' }));
  assert.throws(() => streams.pull(request('rtmp://SOURCE.example:1935/live/cam')), { code: 'pull.conflict' });
  assert.throws(() => streams.pull(request(`${uri}2`, { localStreamName: 'cam' })), { code: 'pull.nameTaken' });
  streams.pull(request(`${uri}2`));
  assert.throws(() => streams.pull(request(`${uri}3`)), { code: 'pull.limit' });
  streams.terminate({ uri });
  streams.pull(request(`${uri}3`, { localStreamName: 'cam' }));
});

test('terminate ends the pull at once: viewers are notified, it is STOPPED for 2 s and then gone, and its uri is free', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.live();
  const viewer = watch(streams, 'cam');
  await viewer.view;
  assert.equal(streams.find('cam')?.viewers, 1);
  streams.terminate({ uri });
  assert.deepEqual(viewer.notified, ['ended null']);
  assert.deepEqual(threads[0]?.calls.slice(1), ['stop terminate']);
  assert.equal(streams.find('cam')?.state, 'STOPPED');
  assert.throws(() => streams.terminate({ uri }), { code: 'pull.notFound' });
  await pass(2000);
  assert.deepEqual(streams.list(), []);
  assert.throws(() => streams.terminate({ uri }), { code: 'pull.notFound' });
  assert.throws(() => streams.terminate({ uri: 'no uri' }), { code: 'pull.notFound' });
});

test('a uri that was just terminated is pulled again by a new thread, which the end of the old listing does not end', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  const first = streams.pull(request(uri));
  streams.terminate({ uri });
  const second = streams.pull(request(uri));
  assert.notEqual(first.pullId, second.pullId);
  await pass(5000);
  assert.deepEqual(
    streams.list().map(({ pullId }) => pullId),
    [second.pullId],
  );
  assert.equal(threads.length, 2);
});

test('a source that is abandoned makes the pull FAILED for a minute; its viewers are notified of the reason', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.live();
  const viewer = watch(streams, 'cam');
  await viewer.view;
  threads[0]?.emit({
    kind: 'source.state',
    state: 'FAILED',
    reason: 'source.notAuthorised',
    detail: 'asks for a user',
  });
  assert.deepEqual(viewer.notified, ['ended source.notAuthorised']);
  await pass(59_000);
  const [listed] = streams.list();
  assert.deepEqual(
    [listed?.state, listed?.reason, listed?.detail],
    ['FAILED', 'source.notAuthorised', 'asks for a user'],
  );
  assert.deepEqual(threads[0]?.calls.slice(1), ['stop source']);
  await assert.rejects(watch(streams, 'cam').view, { code: 'source.notAuthorised', detail: '' });
  await pass(1000);
  assert.deepEqual(streams.list(), []);
  assert.equal(threads.length, 1, 'it was not restarted');
});

test('a FAILED uri may be pulled again', async (t) => {
  const { streams, threads } = await fakeStreams(t);
  streams.pull(request(uri));
  threads[0]?.emit({ kind: 'source.state', state: 'FAILED', reason: 'source.notAuthorised', detail: '' });
  assert.equal(streams.pull(request(uri)).state, 'NEW');
  assert.equal(streams.list().length, 1);
});

test('log lines of an actor have the id and the name of its pull, and a gap in their numbers is logged', async (t) => {
  const { streams, threads, lines } = await fakeStreams(t);
  const { pullId } = streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.emit({ kind: 'log', seq: 1, level: 'warn', event: 'a', fields: { pullId: 'forged', x: 1 } });
  threads[0]?.emit({ kind: 'log', seq: 5, level: 'info', event: 'b', fields: {} });
  assert.deepEqual(lines.slice(-3), [
    { level: 'warn', event: 'a', fields: { pullId, name: 'cam', x: 1 } },
    { level: 'warn', event: 'actor.linesLost', fields: { pullId, name: 'cam', lines: 3 } },
    { level: 'info', event: 'b', fields: { pullId, name: 'cam' } },
  ]);
});
