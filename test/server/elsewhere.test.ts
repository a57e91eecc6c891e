/** What another node of the cluster has: HTTP is sent there with its method, signalling is told the address, and so is the SDK's lbUrl. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ElsewhereError } from '../../src/errors.js';
import { openWebSocket } from '../support/server/websocket-client.js';
import { createFakeCluster } from './fake-cluster.js';
import { offer, startStage } from './stage.js';

const http = 'http://b:8081';
const ws = 'ws://b:8080';

async function stage(t: TestContext, cluster = createFakeCluster()) {
  const opened = await startStage({ cluster });
  t.after(() => opened.end());
  const elsewhere = (): never => {
    throw new ElsewhereError({ http, ws });
  };
  opened.streams.onView = async () => elsewhere();
  opened.streams.onPull = elsewhere;
  return opened;
}

test('an offer of WHEP is answered 307 with its place there, query and all, which pages may read', async (t) => {
  const { ask } = await stage(t);
  const headers = { 'Content-Type': 'application/sdp', Origin: 'https://page.example' };
  const answer = await ask('/whep/cam%20one?width=640&token=a%2Bb', { method: 'POST', headers, body: offer() });
  assert.deepEqual([answer.status, answer.headers.location], [307, `${http}/whep/cam%20one?width=640&token=a%2Bb`]);
  assert.equal(answer.headers['access-control-allow-origin'], '*');
  assert.equal(answer.json().code, 'stream.elsewhere');
});

test('a call of REST is answered 307 with the path, so that a client sends its body there', async (t) => {
  const { post } = await stage(t);
  const answer = await post('/rest-api/pull/rtmp/pull', { uri: 'rtmp://source.example/live/cam' });
  assert.deepEqual([answer.status, answer.headers.location], [307, `${http}/rest-api/pull/rtmp/pull`]);
});

test('a play by signalling fails with the address of the other as its info', async (t) => {
  const { signalling } = await stage(t);
  const socket = await openWebSocket(signalling);
  const send = (message: string, argument: object): void => socket.sendJson({ message, data: [argument] });
  send('connection', { appKey: 'defaultApp', mediaProviders: ['WebRTC'] });
  send('playStream', { mediaSessionId: 'one', name: 'cam', mediaProvider: 'WebRTC', sdp: offer() });
  const told = async () => Object((await socket.nextMessage('notifyStreamStatusEvent')).data[0]);
  assert.equal((await told()).status, 'PENDING');
  const { status, info, reason } = await told();
  assert.deepEqual([status, info, Object(reason).code], ['FAILED', ws, 'stream.elsewhere']);
});

test('lbUrl is answered with the node that has the most room, and that takes viewers', async (t) => {
  const { view } = createFakeCluster();
  const { nodes, ...rest } = view();
  const roomOf = new Map([
    ['a', 10],
    ['b', 500],
    // It is draining.
    ['c', 9000],
  ]);
  const rooms = nodes.map((node) => ({ ...node, room: { ...node.room, viewers: roomOf.get(node.name) ?? 0 } }));
  const { ask } = await stage(t, createFakeCluster({ ...rest, nodes: rooms }));
  const answer = await ask('/loadbalancer', { headers: { Origin: 'https://page.example' } });
  assert.deepEqual(answer.json(), { server: 'b', ws: '8080', wss: '0', flash: 1935 });
  assert.equal(answer.headers['access-control-allow-origin'], '*');
});

test('a server in no cluster answers lbUrl with itself', async (t) => {
  const opened = await startStage();
  t.after(() => opened.end());
  const { server } = (await opened.ask('/loadbalancer', { headers: { Host: 'me.example:8081' } })).json();
  assert.equal(server, 'me.example');
});
