import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { openWebSocket, type WebSocketClient } from '../support/server/websocket-client.js';
import { offer, type ServerStage, startStage } from './stage.js';

let stage: ServerStage;

beforeEach(async () => {
  await stage?.end();
  stage = await startStage();
});
after(() => stage.end());

interface Client {
  readonly socket: WebSocketClient;
  readonly sessionId: string;
}

async function connect(appKey = 'defaultApp'): Promise<Client> {
  const socket = await openWebSocket(stage.signalling);
  const custom = { login: 'user1' };
  socket.sendJson({
    message: 'connection',
    data: [{ appKey, clientVersion: '2.0', mediaProviders: ['WebRTC'], custom }],
  });
  const [user] = (await socket.nextMessage('getUserData')).data;
  return { socket, sessionId: String(Object(user).authToken) };
}

const post = async (call: string, body: object): Promise<number> => (await stage.post(`/rest-api${call}`, body)).status;

test('sessions are listed with what their clients said of themselves, once they are established', async () => {
  assert.equal((await stage.ask('/rest-api/connection/find_all')).status, 404);
  const silent = await openWebSocket(stage.signalling);
  const { sessionId } = await connect();
  const answer = await stage.ask('/rest-api/connection/find_all', { method: 'POST' });
  assert.deepEqual(JSON.parse(answer.body), [
    {
      sessionId,
      appKey: 'defaultApp',
      clientVersion: '2.0',
      clientOSVersion: '',
      clientBrowserVersion: '',
      mediaProviders: ['WebRTC'],
      useWsTunnel: false,
      useWsTunnelPacketization2: false,
      useBase64BinaryEncoding: false,
      keepAlive: false,
      custom: { login: 'user1' },
      origin: '',
      status: 'ESTABLISHED',
    },
  ]);
  silent.close();
});

test('find selects by session, application and version, all of which must fit', async () => {
  const [one, two] = [await connect('one'), await connect('two')];
  const found = async (filter: object): Promise<readonly string[] | number> => {
    const { status, body } = await stage.post('/rest-api/connection/find', filter);
    return status === 200 ? JSON.parse(body).map(({ sessionId }: { sessionId: string }) => sessionId) : status;
  };
  assert.deepEqual(await found({ clientVersion: '2.0' }), [one.sessionId, two.sessionId]);
  assert.deepEqual(await found({ appKey: 'two', clientVersion: null }), [two.sessionId]);
  assert.equal(await found({ appKey: 'two', sessionId: one.sessionId }), 404);
  assert.equal(await found({ nodeId: 'x' }), 400);
  assert.equal(await found({ appKey: 7 }), 400);
});

test('terminate closes that socket alone, with its plays', async () => {
  const [one, two] = [await connect(), await connect()];
  one.socket.sendJson({ message: 'playStream', data: [{ mediaSessionId: 'm', name: 'cam', sdp: offer() }] });
  await one.socket.nextMessage('setRemoteSDP');
  assert.equal(await post('/connection/terminate', { sessionId: one.sessionId }), 200);
  assert.equal(await one.socket.closed, 1000);
  assert.equal(stage.streams.left.length, 1);
  assert.equal(await post('/connection/terminate', { sessionId: one.sessionId }), 404);
  assert.equal(await post('/connection/terminate', {}), 400);
  two.socket.sendJson({ message: 'ping', data: [null] });
  await two.socket.nextMessage('pong');
});

test('set_log_level is taken for a session that is there', async () => {
  const { sessionId } = await connect();
  assert.equal(await post('/connection/set_log_level', { sessionId, logLevel: 'DEBUG' }), 200);
  assert.equal(await post('/connection/set_log_level', { sessionId: 'other', logLevel: 'DEBUG' }), 404);
});

test('data/send reaches the sessions that it names, or none where one is not there', async () => {
  const [one, two] = [await connect(), await connect()];
  const sessionIds = [one.sessionId, two.sessionId];
  const payload = { text: 'hello' };
  assert.equal(await post('/data/send', { nodeId: 'x', operationId: 'o', sessionIds, payload }), 200);
  for (const { socket } of [one, two]) {
    assert.deepEqual((await socket.nextMessage('OnDataEvent')).data, [{ operationId: 'o', payload }]);
  }
  assert.equal(await post('/data/send', { operationId: 'p', sessionIds: [one.sessionId, 'gone'], payload }), 404);
  assert.equal(await post('/data/send', { operationId: 'p', sessionIds: [], payload }), 400);
  assert.equal(await post('/data/send', { operationId: 'p', sessionIds }), 400);
  one.socket.sendJson({ message: 'ping', data: [null] });
  assert.equal(Object(await one.socket.next()).message, 'pong');
});

test('stream/event/send reaches who plays the stream, as an event of type data', async () => {
  const { socket } = await connect();
  socket.sendJson({ message: 'playStream', data: [{ mediaSessionId: 'm', name: 'cam', sdp: offer() }] });
  await socket.nextMessage('setRemoteSDP');
  stage.streams.viewed[0]?.onConnected();
  await socket.nextMessage('notifyVideoFormat');
  await socket.nextMessage('notifyStreamEvent');
  assert.equal(await post('/stream/event/send', { streamName: 'cam', payload: { count: 23 } }), 200);
  const event = { mediaSessionId: 'm', type: 'data', payload: { count: 23 } };
  assert.deepEqual((await socket.nextMessage('notifyStreamEvent')).data, [event]);
  assert.equal(await post('/stream/event/send', { streamName: 'nobody', payload: {} }), 404);
  assert.equal(await post('/stream/event/send', { streamName: 'cam' }), 400);
});
