import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { errorTable, SluiceError } from '../../src/errors.js';
import { somePull } from './examples.js';
import { type ServerStage, startStage } from './stage.js';

const uri = 'rtmp://127.0.0.1/live/cam';
let stage: ServerStage;

beforeEach(async () => {
  await stage?.end();
  stage = await startStage();
});
after(() => stage.end());

for (const prefix of ['/rest-api/pull/rtmp', '/rest-api/pull', '/rest-api/rtmp/pull']) {
  test(`${prefix}/pull answers 200 with an empty body and starts the pull`, async () => {
    const answer = await stage.post(`${prefix}/pull`, { uri, localStreamName: 'cam', whatever: 1 });
    assert.equal(answer.status, 200);
    assert.equal(answer.body, '');
    assert.equal(answer.headers['content-length'], '0');
    const wanted = { uri, localStreamName: 'cam', record: false, hasAudio: true, hasVideo: true, origin: 'rest' };
    assert.deepEqual(stage.streams.pulled, [wanted]);
  });

  for (const method of ['GET', 'POST']) {
    test(`${method} ${prefix}/find_all lists WCS's fields`, async () => {
      const answer = await stage.ask(`${prefix}/find_all`, { method });
      assert.equal(answer.status, 200);
      assert.match(String(answer.headers['content-type']), /^application\/json/);
      assert.deepEqual(answer.json(), [
        {
          localMediaSessionId: somePull.pullId,
          remoteMediaSessionId: null,
          localStreamName: 'cam',
          remoteStreamName: null,
          uri,
          status: 'PROCESSED_REMOTE',
          hasAudio: true,
          hasVideo: true,
          record: false,
          reason: null,
        },
      ]);
    });
  }

  test(`${prefix}/find_all tells which track of a stream that plays cannot be used, and why`, async () => {
    const { audio } = somePull.media;
    const missing = [{ track: 'video', code: 'source.noParameterSets', detail: 'H264' }] as const;
    stage.streams.pulls = [{ ...somePull, media: { audio, video: null, missing } }];
    const answer: unknown = JSON.parse((await stage.ask(`${prefix}/find_all`)).body);
    const [listed] = Array.isArray(answer) ? answer : [];
    const { text } = errorTable['source.noParameterSets'];
    assert.deepEqual(listed.reason, { code: 'source.noParameterSets', text, detail: 'H264' });
    assert.deepEqual(listed.missing, [{ track: 'video', code: 'source.noParameterSets', text, detail: 'H264' }]);
  });

  test(`${prefix}/terminate ends the pull, and answers 404 for a uri without a pull`, async () => {
    const answer = await stage.post(`${prefix}/terminate`, { uri });
    assert.deepEqual([answer.status, answer.body], [200, '']);
    assert.deepEqual(stage.streams.terminated, [somePull.pullId]);
    const unknown = await stage.post(`${prefix}/terminate`, { uri: 'rtmp://127.0.0.1/live/other' });
    assert.equal(unknown.status, 404);
    assert.equal(unknown.json().code, 'pull.notFound');
  });

  test(`${prefix}/terminate goes by the local name too, as the REST client of the SDK calls it`, async () => {
    for (const body of [
      { localStreamName: 'cam' },
      { uri: null, localStreamName: 'cam' },
      { uri, localStreamName: 'cam' },
    ]) {
      assert.equal((await stage.post(`${prefix}/terminate`, body)).status, 200);
    }
    assert.deepEqual(stage.streams.terminated, Array(3).fill(somePull.pullId));
    assert.equal((await stage.post(`${prefix}/terminate`, { localStreamName: 'other' })).status, 404);
    assert.equal((await stage.post(`${prefix}/terminate`, { uri, localStreamName: 'other' })).status, 404);
    const neither = await stage.post(`${prefix}/terminate`, {});
    assert.deepEqual([neither.status, neither.json().code], [400, 'request.invalid']);
    assert.match(String(neither.json().message), /uri is missing, and localStreamName too/);
    assert.equal(stage.streams.terminated.length, 3);
  });
}

test('find_all without pulls is an empty array', async () => {
  stage.streams.pulls = [];
  const answer = await stage.ask('/rest-api/pull/rtmp/find_all');
  assert.deepEqual([answer.status, answer.body], [200, '[]']);
});

test('find_all shows a pull that is dialled as NEW for its first moment', async () => {
  const shown = async (ageMs: number, state: 'PENDING' | 'CONNECTED'): Promise<unknown> => {
    stage.streams.pulls = [{ ...somePull, state, createdAtMs: Date.now() - ageMs }];
    return JSON.parse((await stage.ask('/rest-api/pull/rtmp/find_all')).body)[0].status;
  };
  // Far in the future: however late the answer is, the pull is young.
  assert.equal(await shown(-60_000, 'PENDING'), 'NEW');
  assert.equal(await shown(-60_000, 'CONNECTED'), 'CONNECTED');
  assert.equal(await shown(250, 'PENDING'), 'PENDING');
});

test('find_all has the reason why a pull has no media', async () => {
  stage.streams.pulls = [{ ...somePull, state: 'PENDING', reason: 'source.refused', detail: 'port 1935' }];
  const [entry] = JSON.parse((await stage.ask('/rest-api/pull/rtmp/find_all')).body);
  assert.equal(entry.status, 'PENDING');
  assert.deepEqual(entry.reason, {
    code: 'source.refused',
    text: 'The source refused the connection',
    detail: 'port 1935',
  });
});

test('booleans may be true and false, "true" and "false", or null for the default', async () => {
  await stage.post('/rest-api/pull/rtmp/pull', { uri, record: 'true', hasAudio: 'false', hasVideo: null });
  await stage.post('/rest-api/pull/rtmp/pull', { uri, record: 'false', hasAudio: true, hasVideo: false });
  const flags = stage.streams.pulled.map(({ record, hasAudio, hasVideo }) => ({ record, hasAudio, hasVideo }));
  assert.deepEqual(flags, [
    { record: true, hasAudio: false, hasVideo: true },
    { record: false, hasAudio: true, hasVideo: false },
  ]);
});

test('a uri that is pulled already answers 409 with the error object of WCS and our code', async () => {
  stage.streams.onPull = () => {
    throw new SluiceError('pull.conflict');
  };
  const answer = await stage.post('/rest-api/pull/rtmp/pull', { uri });
  assert.equal(answer.status, 409);
  const { timestamp, ...body } = answer.json();
  assert.ok(Math.abs(Number(timestamp) - Date.now()) < 60_000);
  const message = 'This uri is pulled already; play the stream that find_all lists';
  assert.deepEqual(body, {
    exception: 'ConflictException',
    reason: `ConflictException, ${message}`,
    path: '/rest-api/pull/rtmp/pull',
    error: 'Conflict',
    message,
    status: 409,
    code: 'pull.conflict',
    info: 'Stream name is already in use',
  });
});

test('uris may be given with uri or without', async () => {
  const uris = ['rtmp://127.0.0.1/live/a', 'rtmps://127.0.0.1/live/b'];
  await stage.post('/rest-api/pull/rtmp/pull', { uri, uris });
  await stage.post('/rest-api/pull/rtmp/pull', { uris });
  await stage.post('/rest-api/pull/rtmp/pull', { uri, uris: null });
  assert.deepEqual(
    stage.streams.pulled.map((pulled) => [pulled.uri, pulled.uris]),
    [
      [uri, uris],
      [undefined, uris],
      [uri, undefined],
    ],
  );
});

const invalid: readonly (readonly [string, unknown, RegExp])[] = [
  ['no uri', {}, /uri is missing/],
  ['a uri that is no string', { uri: 7 }, /uri is missing, or not a string/],
  ['a uri of another scheme', { uri: 'ftp://demo.example/cam' }, /uri must be an address by rtmp/],
  ['an endless uri', { uri: `rtmp://h/${'x'.repeat(2048)}` }, /uri is longer/],
  ['an empty localStreamName', { uri, localStreamName: '' }, /localStreamName must not be empty/],
  ['empty uris', { uris: [] }, /uris must not be empty/],
  ['uris that are no array', { uris: uri }, /uris must be an array/],
  ['uris of another scheme', { uri, uris: [uri, 'ftp://h/a/b'] }, /uris\.1 must be an address/],
  ['an endless localStreamName', { uri, localStreamName: 'é'.repeat(300) }, /localStreamName is longer/],
  ['a hasAudio that is no boolean', { uri, hasAudio: 'yes' }, /hasAudio must be true, false/],
  ['a record that is a number', { uri, record: 1 }, /record must be true, false/],
  ['an array', [], /the body/],
];
for (const [what, body, message] of invalid) {
  test(`pull with ${what} answers 400 and names the field`, async () => {
    const answer = await stage.post('/rest-api/pull/rtmp/pull', body);
    assert.equal(answer.status, 400);
    assert.equal(answer.json().code, 'request.invalid');
    assert.match(String(answer.json().message), message);
    assert.deepEqual(stage.streams.pulled, []);
  });
}

test('a body that is not JSON answers 400, and one of another content type 415', async () => {
  const path = '/rest-api/pull/rtmp/pull';
  const headers = { 'Content-Type': 'application/json;charset=UTF-8' };
  const broken = await stage.ask(path, { method: 'POST', headers, body: '{"uri":' });
  assert.deepEqual([broken.status, broken.json().code], [400, 'request.invalid']);
  const plain = await stage.post(path, { uri }, { 'Content-Type': 'text/plain' });
  assert.deepEqual([plain.status, plain.json().code], [415, 'request.mediaType']);
  assert.equal((await stage.post(path, { uri }, headers)).status, 200);
});

test('unknown paths answer 404 and other methods 405 with Allow', async () => {
  assert.equal((await stage.ask('/rest-api/nothing')).json().code, 'route.notFound');
  const answer = await stage.ask('/rest-api/pull/rtmp/pull', { method: 'PUT' });
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.allow, 'POST, OPTIONS');
});

test('a body over 64 KiB answers 413, announced or in chunks, and the connection is closed', async () => {
  const head = 'POST /rest-api/pull/rtmp/pull HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n';
  assert.match(await stage.raw(`${head}Content-Length: 65537\r\n\r\n`, 2000), /^HTTP\/1.1 413 .*request.tooLarge/s);
  const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
  const received = await stage.raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(3)}`, 2000);
  assert.match(received, /HTTP\/1.1 413 /);
  assert.equal((await stage.post('/rest-api/pull/rtmp/pull', { uri })).status, 200);
});

test('a chunked body is read, and Expect: 100-continue is answered', async () => {
  const body = JSON.stringify({ uri });
  const head = 'POST /rest-api/pull/rtmp/pull HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n';
  const parts = [body.slice(0, 5), body.slice(5)].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`);
  const chunked = await stage.raw(`${head}Transfer-Encoding: chunked\r\n\r\n${parts.join('')}0\r\n\r\n`);
  assert.match(chunked, /^HTTP\/1.1 200 OK/);
  const expecting = await stage.raw(`${head}Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  assert.match(expecting, /^HTTP\/1.1 100 Continue.*HTTP\/1.1 200 OK/s);
  assert.equal(stage.streams.pulled.length, 2);
});

test('a client that disconnects in the middle of its body affects no other request', async () => {
  const head = 'POST /rest-api/pull/rtmp/pull HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{"uri"';
  assert.equal(await stage.raw(head, 50), '');
  assert.equal((await stage.post('/rest-api/pull/rtmp/pull', { uri })).status, 200);
  assert.deepEqual(
    stage.logged.filter(({ event }) => event === 'server.bug'),
    [],
  );
});

test('a body that does not come in time answers 408 and closes the connection', async (t) => {
  const impatient = await startStage({ bodyTimeoutMs: 50 });
  t.after(() => impatient.end());
  const head = 'POST /rest-api/pull/rtmp/pull HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{"uri"';
  assert.match(await impatient.raw(head, 3000), /^HTTP\/1.1 408 .*[Cc]onnection: close.*"code":"request.timeout"/s);
  assert.deepEqual(impatient.streams.pulled, []);
});

test('draining, pulls are refused with 503 and Retry-After, and lists still answer', async () => {
  stage.server.refuse(true);
  const answer = await stage.post('/rest-api/pull/rtmp/pull', { uri });
  assert.deepEqual([answer.status, answer.json().code], [503, 'server.draining']);
  assert.ok(Number(answer.headers['retry-after']) > 0);
  assert.equal((await stage.ask('/rest-api/pull/rtmp/find_all')).status, 200);
  assert.equal((await stage.ask('/readyz')).status, 503);
  assert.equal((await stage.ask('/healthz')).status, 200);
});

test('/api/streams/{id}/restart has another thread take the stream over, and tells how that went', async () => {
  const { pullId } = somePull;
  const answer = await stage.ask(`/api/streams/${pullId}/restart`, { method: 'POST' });
  assert.deepEqual([answer.status, answer.body], [200, 'null']);
  assert.deepEqual(stage.streams.restarted, [pullId]);
  for (const path of ['/api/streams/unknown/restart', `/api/streams/${pullId}/stop`]) {
    assert.equal((await stage.ask(path, { method: 'POST' })).status, 404);
  }
});

test('/metrics has the values of each stream by the naming conventions of Prometheus', async () => {
  const { status, body, headers } = await stage.ask('/metrics');
  assert.equal(status, 200);
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/);
  assert.match(body, /^sluice_streams\{state="PROCESSED_REMOTE"\} 1$/m);
  assert.match(body, /^# TYPE sluice_stream_source_bytes_total counter$/m);
  assert.match(body, /^sluice_stream_source_bytes_total\{id="[0-9a-f-]+",name="cam"\} 1$/m);
  assert.match(body, /^sluice_stream_sent_packets_total\{id="[0-9a-f-]+",name="cam"\} 6$/m);
  const sending = {
    send_calls: 9,
    datagrams: 10,
    datagrams_blocked: 11,
    datagrams_too_long: 12,
    datagrams_dropped: 13,
    segments_refused: 14,
  };
  for (const [name, value] of Object.entries(sending)) {
    assert.match(body, new RegExp(`^sluice_stream_${name}_total\\{id="[0-9a-f-]+",name="cam"\\} ${value}$`, 'm'));
  }
  assert.match(body, /^process_resident_memory_bytes \d/m);
  // The second scrape has the same values, not the sum of both.
  assert.match(
    (await stage.ask('/metrics')).body,
    /^sluice_stream_source_bytes_total\{id="[0-9a-f-]+",name="cam"\} 1$/m,
  );
});
