/** WCS's REST calls for streams of another WCS: /rest-api/pull with ws:// and wss:// addresses. */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import type { PullInfo } from '../../src/supervisor/pull-info.js';
import { somePull } from './examples.js';
import { type ServerStage, startStage } from './stage.js';

const server = 'wss://demo.example:8443';
let stage: ServerStage;

beforeEach(async () => {
  await stage?.end();
  stage = await startStage();
});
after(() => stage.end());

const pulled = (n: number, remoteStreamName: string, localName: string, more: Partial<PullInfo> = {}): PullInfo => {
  const pullId = `5a072377-73c1-4caf-abd3-00000000000${n}`;
  const uri = `${server}#${remoteStreamName}`;
  return { ...somePull, pullId, localName, givenName: localName, uri, playingUri: uri, ...more };
};

test('the stream of the other server is named by remoteStreamName, and keeps that name where it gets no other', async () => {
  for (const body of [
    { uri: server, localStreamName: 'here', remoteStreamName: 'my cam' },
    { uri: server, remoteStreamName: 'my cam' },
    { uri: `${server}/websocket#other`, remoteStreamName: 'my cam' },
    { uri: `${server}#my%20cam`, localStreamName: null },
  ]) {
    assert.equal((await stage.post('/rest-api/pull/pull', body)).status, 200);
  }
  assert.deepEqual(
    stage.streams.pulled.map(({ uri, localStreamName }) => [uri, localStreamName]),
    [
      [`${server}#my%20cam`, 'here'],
      [`${server}#my%20cam`, 'my cam'],
      [`${server}/websocket#my%20cam`, 'my cam'],
      [`${server}#my%20cam`, 'my cam'],
    ],
  );
});

test('find_all has the fields of the reference: address, both names, both sessions', async () => {
  const remoteSessionId = '12345678-abcd-dead-beaf';
  stage.streams.pulls = [pulled(1, 'testStream', 'local', { remoteSessionId })];
  assert.deepEqual((await stage.ask('/rest-api/pull/find_all')).json(), [
    {
      localMediaSessionId: '5a072377-73c1-4caf-abd3-000000000001',
      remoteMediaSessionId: remoteSessionId,
      localStreamName: 'local',
      remoteStreamName: 'testStream',
      uri: server,
      status: 'PROCESSED_REMOTE',
      hasAudio: true,
      hasVideo: true,
      record: false,
      reason: null,
    },
  ]);
});

const both = [pulled(1, 'a', 'here-a'), pulled(2, 'b', 'here-b')];
for (const { what, body, status, ends } of [
  { what: 'by the names of the SDK', body: { localStreamName: 'here-b', remoteStreamName: 'b' }, status: 200, ends: 2 },
  { what: 'by address and remote name', body: { uri: server, remoteStreamName: 'a' }, status: 200, ends: 1 },
  {
    what: 'by another spelling of it',
    body: { uri: 'WSS://Demo.example:8443/', remoteStreamName: 'a' },
    status: 200,
    ends: 1,
  },
  { what: 'by the local name alone', body: { localStreamName: 'here-a' }, status: 200, ends: 1 },
  {
    what: 'by names that do not go together',
    body: { localStreamName: 'here-a', remoteStreamName: 'b' },
    status: 404,
    ends: 0,
  },
  { what: 'of another server', body: { uri: 'wss://other.example', remoteStreamName: 'a' }, status: 404, ends: 0 },
  { what: 'by an address of which two are pulled', body: { uri: server }, status: 400, ends: 0 },
]) {
  test(`terminate ${what} answers ${status}`, async () => {
    stage.streams.pulls = both;
    const answer = await stage.post('/rest-api/pull/terminate', body);
    assert.equal(answer.status, status, answer.body);
    assert.deepEqual(stage.streams.terminated, ends === 0 ? [] : [both[ends - 1]?.pullId]);
  });
}

test('terminate by the address of a server of which one stream is pulled ends that one', async () => {
  stage.streams.pulls = both.slice(1);
  assert.equal((await stage.post('/rest-api/pull/terminate', { uri: server })).status, 200);
  assert.deepEqual(stage.streams.terminated, [both[1]?.pullId]);
});

test('a stream that comes by WebRTC is one for /stream/find_all and the statistics too', async () => {
  stage.streams.pulls = [pulled(1, 'a', 'here-a'), { ...somePull, pullId: 'b' }];
  const found: unknown = (await stage.ask('/rest-api/stream/find_all')).json();
  const providers = (Array.isArray(found) ? found : []).map(({ mediaProvider, transport }) => [
    mediaProvider,
    transport,
  ]);
  assert.deepEqual(providers.slice(0, 2), [
    ['WebRTC', 'UDP'],
    ['Flash', 'TCP'],
  ]);
  const { body } = await stage.ask('/?action=stat&groups=streams_stats');
  for (const line of [/^streams_rtmp_in=1$/m, /^streams_webrtc_in=1$/m]) assert.match(body, line);
});
