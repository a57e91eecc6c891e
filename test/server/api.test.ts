/** /api: what each operation answers, that its answers are what /openapi.json says, idempotency, entity tags. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { faults } from '../../src/core/supervise/faults.js';
import { SluiceError } from '../../src/errors.js';
import { operations } from '../../src/server/api-operations.js';
import type { ViewerInfo } from '../../src/supervisor/view.js';
import { someData, somePart, somePull, someViewer } from './examples.js';
import { type ServerStage, startStage } from './stage.js';

const apiKey = 'a-key-of-16-chars';
let stage: ServerStage;

const somebody: ViewerInfo = {
  ...someViewer,
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0',
};

before(async () => {
  stage = await startStage({
    settings: { control: { apiKeys: [apiKey] }, hooks: { apps: ['defaultApp=http://user:pass@127.0.0.1/api'] } },
  });
});
beforeEach(() => {
  stage.streams.pulls = [somePull];
  stage.streams.watching = [somebody];
  stage.streams.onPull = null;
});
after(() => stage.end());

const gets = [
  ['listStreams', '/api/streams'],
  ['getStream', '/api/streams/cam'],
  ['getStatistics', '/api/streams/cam/stats'],
  ['getHistory', `/api/streams/${somePull.pullId}/history`],
  ['getDiagnosis', '/api/streams/cam/diagnosis'],
  ['getData', '/api/streams/cam/data'],
  ['getLog', '/api/streams/cam/log'],
  ['listRecordings', '/api/recordings'],
  ['getRecording', `/api/recordings/${somePart.partId}`],
  ['getStreamRecording', '/api/streams/cam/recording'],
  ['listViewers', '/api/viewers?stream=cam'],
  ['getViewer', '/api/viewers/ab12'],
  ['getSupervision', '/api/supervision'],
  ['getDrain', '/api/drain'],
  ['getCluster', '/api/cluster'],
  ['getServer', '/api/server'],
  ['getConfiguration', '/api/configuration'],
] as const;
for (const [name, path] of gets) {
  test(`GET ${path} answers what ${name} says, and 304 to who has it`, async () => {
    const answer = await stage.ask(path);
    assert.equal(answer.status, 200);
    operations[name].response.parse(JSON.parse(answer.body));
    if (name === 'getDiagnosis' || name === 'getServer') return;
    const again = await stage.ask(path, { headers: { 'If-None-Match': String(answer.headers.etag) } });
    assert.deepEqual([again.status, again.body], [304, '']);
  });
}

test('POST pulls, and the same key does it once', async () => {
  const body = { uri: 'rtmp://h/live/a', name: 'a', standbyUris: ['rtmp://h/live/b'] };
  const pulledBefore = stage.streams.pulled.length;
  const [first, second] = [
    await stage.post('/api/streams', body, { 'Idempotency-Key': 'one' }),
    await stage.post('/api/streams', body, { 'Idempotency-Key': 'one' }),
  ];
  assert.equal(first?.status, 201);
  assert.equal(first?.headers.location, `/api/streams/${somePull.pullId}`);
  assert.equal(second?.body, first?.body);
  const pulled = stage.streams.pulled.slice(pulledBefore);
  assert.deepEqual(
    pulled.map(({ uris, localStreamName, origin }) => [uris, localStreamName, origin]),
    [[['rtmp://h/live/a', 'rtmp://h/live/b'], 'a', 'rest']],
  );
  const other = await stage.post('/api/streams', { ...body, name: 'c' }, { 'Idempotency-Key': 'one' });
  assert.deepEqual([other.status, other.json().code], [422, 'request.keyReused']);
});

test('a refused POST may be tried again with its key', async () => {
  stage.streams.onPull = () => {
    throw new SluiceError('pull.limit');
  };
  const ask = () => stage.post('/api/streams', { uri: 'rtmp://h/live/a' }, { 'Idempotency-Key': 'again' });
  assert.equal((await ask()).status, 503);
  stage.streams.onPull = null;
  assert.equal((await ask()).status, 201);
});

test('a wrong body is refused by the name of its field', async () => {
  const wrong = [
    [{}, 'uri is missing, or not a string'],
    [
      { uri: 'ftp://h/a' },
      'uri must be an address by rtmp(s)://, http(s):// of a WHEP endpoint, whep(s):// or ws(s)://',
    ],
    [
      { uri: 'rtmp://h/a/b', standbyUris: ['x'] },
      'standbyUris.0 must be an address by rtmp(s)://, http(s):// of a WHEP endpoint, whep(s):// or ws(s)://',
    ],
  ] as const;
  for (const [body, detail] of wrong) {
    const answer = await stage.post('/api/streams', body);
    assert.deepEqual([answer.status, answer.json().code, answer.json().detail], [400, 'request.invalid', detail]);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
  }
  assert.equal((await stage.ask('/api/streams', { method: 'POST', body: '{}' })).status, 415);
});

test('a recording of a stream begins by name, with an order or without, and ends; a file is deleted', async () => {
  const path = '/api/streams/cam/recording';
  assert.equal((await stage.ask(path, { method: 'POST' })).json().recordingId, somePart.recordingId);
  assert.equal((await stage.post(path, { template: '{streamName}', rotation: 60 })).status, 200);
  const wrong = [
    [{ rotation: true }, 'rotation must be a string or a number'],
    [{ name: 'x' }, 'the body has a key that is not known; there are template and rotation'],
  ] as const;
  for (const [body, detail] of wrong) {
    const answer = await stage.post(path, body);
    assert.deepEqual([answer.status, answer.json().detail], [400, detail]);
  }
  assert.equal((await stage.ask(path, { method: 'DELETE' })).status, 204);
  assert.equal((await stage.ask(`/api/recordings/${somePart.partId}`, { method: 'DELETE' })).status, 204);
  const { pullId } = somePull;
  assert.deepEqual(stage.streams.recordingCalls, [
    `start ${pullId} {}`,
    `start ${pullId} {"template":"{streamName}","rotation":"60"}`,
    `stop ${pullId}`,
    `remove ${somePart.partId}`,
  ]);
  for (const [method, at] of [
    ['GET', '/api/recordings/nobody'],
    ['GET', '/api/recordings/nobody/file'],
    ['GET', '/api/recordings/nobody/thumbnail.jpg'],
    ['POST', '/api/streams/nobody/recording'],
  ] as const) {
    assert.equal((await stage.ask(at, { method })).status, 404, at);
  }
});

test('PATCH renames, DELETE ends, by id or by name', async () => {
  const patched = await stage.ask('/api/streams/cam', {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: '{"name":"other"}',
  });
  assert.deepEqual([patched.status, patched.json().name], [200, 'other']);
  assert.equal((await stage.ask(`/api/streams/${somePull.pullId}`, { method: 'DELETE' })).status, 204);
  assert.equal(stage.streams.terminated.at(-1), somePull.pullId);
  assert.equal((await stage.ask('/api/viewers/ab12', { method: 'DELETE' })).status, 204);
  assert.equal(stage.streams.terminated.at(-1), 'ab12');
  for (const path of ['/api/streams/nobody', '/api/viewers/nobody']) {
    assert.equal((await stage.ask(path, { method: 'DELETE' })).status, 404);
  }
});

test('a viewer has a browser, and an address that is shortened unless it is asked for', async () => {
  const [short] = JSON.parse((await stage.ask('/api/viewers')).body);
  assert.deepEqual([short.browser, short.address, short.protocol], ['Firefox 153, Linux', '203.0.113.x', 'whep']);
  const [full] = JSON.parse((await stage.ask('/api/viewers?addresses=full')).body);
  assert.equal(full.address, '203.0.113.77');
  assert.equal((await stage.ask('/api/viewers?addresses=all')).status, 400);
});

test('the configuration in force has no secret', async () => {
  const { body } = await stage.ask('/api/configuration');
  assert.doesNotMatch(body, /a-key-of-16-chars|pass@/);
  assert.match(body, /"apiKeys":\["\*\*\*"\]/);
});

test('/api/streams lists the pulls, one by its id, and its statistics', async () => {
  const [listed] = JSON.parse((await stage.ask('/api/streams')).body);
  assert.deepEqual([listed.id, listed.name, listed.stateText], [somePull.pullId, somePull.localName, 'Live']);
  for (const id of [somePull.pullId, 'cam']) {
    assert.deepEqual((await stage.ask(`/api/streams/${id}`)).json(), listed);
  }
  assert.equal((await stage.ask(`/api/streams/${somePull.pullId}/stats`)).json().videoFrames, 2);
  const unknown = await stage.ask('/api/streams/unknown/stats');
  assert.deepEqual([unknown.status, unknown.json().code], [404, 'stream.notFound']);
  assert.match(String(unknown.headers['content-type']), /^application\/problem\+json/);
});

test('/api/fault injects the fault', async () => {
  assert.equal((await stage.post('/api/fault', { name: 'cam', fault: 'hang' })).status, 200);
  assert.deepEqual(stage.streams.faults, ['cam hang']);
  const wrong = await stage.post('/api/fault', { name: 'cam', fault: 'fire' });
  assert.deepEqual([wrong.status, wrong.json().detail], [400, `fault must be one of ${faults.join(', ')}`]);
});

test('/api/streams/{id}/data has the events after the one that is given', async () => {
  const path = `/api/streams/${somePull.pullId}/data`;
  const all = await stage.ask(path);
  assert.equal(all.status, 200);
  assert.deepEqual(all.json(), { metadata: { width: 1280 }, events: someData, lastSeq: 2 });
  assert.deepEqual((await stage.ask(`${path}?since=1`)).json().events, [someData[1]]);
  for (const since of ['x', '-1', '', '1.5', '9'.repeat(16)]) {
    const answer = await stage.ask(`${path}?since=${since}`);
    assert.deepEqual([answer.status, answer.json().code], [400, 'request.invalid']);
  }
  assert.equal((await stage.ask('/api/streams/nobody/data')).status, 404);
});
