/** REST hooks over real sockets: sessions that a back end lets in, declines, or keeps waiting. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, test } from 'node:test';
import type { Settings } from '../../src/config/schema.js';
import { openWebSocket, type WebSocketClient } from '../support/server/websocket-client.js';
import { until } from '../support/until.js';
import { offer, type ServerStage, startStage } from './stage.js';

interface Call {
  readonly method: string;
  readonly body: Readonly<Record<string, unknown>>;
}
/** The status that a call is answered with; null: never. */
type Says = (call: Call) => number | null;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function startBackEnd(says: Says, answerBody: (call: Call) => unknown = ({ body }) => body) {
  const calls: Call[] = [];
  let open = 0;
  let mostOpen = 0;
  const server: Server = createServer(async (request, response) => {
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    response.on('close', () => {
      open -= 1;
    });
    const call: Call = { method: request.url ?? '', body: JSON.parse(await text(request)) };
    calls.push(call);
    const status = says(call);
    if (status === null) return;
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answerBody(call)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = Object(server.address());
  return {
    calls,
    get mostOpen() {
      return mostOpen;
    },
    url: `http://127.0.0.1:${port}/api`,
    methods: () => calls.map(({ method }) => method),
  };
}

async function startServer(hooks: Partial<Settings['hooks']>): Promise<ServerStage> {
  const stage = await startStage({ settings: { hooks } });
  ends.push(() => stage.end());
  return stage;
}

async function connect({ signalling }: ServerStage, appKey = 'defaultApp'): Promise<WebSocketClient> {
  const socket = await openWebSocket(signalling);
  socket.sendJson({ message: 'connection', data: [{ appKey, custom: { token: 'abc' } }] });
  return socket;
}

const play = (socket: WebSocketClient, mediaSessionId = 'm'): void =>
  socket.sendJson({ message: 'playStream', data: [{ mediaSessionId, name: 'cam', sdp: offer() }] });

async function statusOf(socket: WebSocketClient): Promise<readonly unknown[]> {
  for (;;) {
    const [event] = (await socket.nextMessage('notifyStreamStatusEvent')).data;
    const { status, info } = Object(event);
    if (status !== 'PENDING') return [status, info];
  }
}

test('a back end is asked at connect and play, is told what becomes of them, and may be found below a path', async () => {
  const backEnd = await startBackEnd(() => 200);
  const stage = await startServer({ apps: [`defaultApp=${backEnd.url}/`] });
  const socket = await connect(stage);
  await socket.nextMessage('getUserData');
  play(socket);
  await socket.nextMessage('setRemoteSDP');
  stage.streams.viewed[0]?.onConnected();
  assert.deepEqual(await statusOf(socket), ['PLAYING', undefined]);
  socket.close();
  await until('the end is told', () => backEnd.calls.some(({ body }) => body.status === 'DISCONNECTED'));
  const methods = backEnd.methods().map((path) => path.replace('/api/', ''));
  assert.equal(methods[0], 'connect');
  for (const method of ['ConnectionStatusEvent', 'playStream', 'StreamStatusEvent'])
    assert.ok(methods.includes(method));
  const [{ body } = { body: {} }] = backEnd.calls;
  assert.deepEqual(Object(body).custom, { token: 'abc' });
  assert.match(String(Object(body).sessionId), /^\/127\.0\.0\.1:/);
});

test('a back end that forbids connect has the socket closed, and WHEP does not go round it', async () => {
  const backEnd = await startBackEnd(() => 403);
  const stage = await startServer({ apps: [`defaultApp=${backEnd.url}`] });
  const socket = await connect(stage);
  const [fail] = (await socket.nextMessage('fail')).data;
  assert.equal(Object(fail).info, 'Restricted access');
  assert.equal(await socket.closed, 1008);
  const refused = await stage.ask('/whep/cam', {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp' },
    body: offer(),
  });
  assert.deepEqual([refused.status, refused.json().code], [403, 'viewer.hooksOnly']);
});

test('hooks.allowWhep lets WHEP play without asking', async () => {
  const stage = await startServer({ apps: ['defaultApp=http://127.0.0.1:1/api'], allowWhep: true });
  const headers = { 'Content-Type': 'application/sdp' };
  assert.equal((await stage.ask('/whep/cam', { method: 'POST', headers, body: offer() })).status, 201);
});

test('a play that the back end forbids is FAILED where its configuration says so', async () => {
  const restClientConfig = { playStream: { restOnError: 'FAIL' } };
  const backEnd = await startBackEnd(
    ({ method }) => (method === '/api/playStream' ? 403 : 200),
    () => ({ restClientConfig }),
  );
  const stage = await startServer({ apps: [`defaultApp=${backEnd.url}`] });
  const socket = await connect(stage);
  await socket.nextMessage('getUserData');
  play(socket);
  assert.deepEqual(await statusOf(socket), ['FAILED', 'Restricted access']);
  assert.deepEqual(stage.streams.viewed, []);
});

test('a back end that hangs, or is not there, costs its own sessions their time and no other application anything', async () => {
  const hanging = await startBackEnd(() => null);
  const good = await startBackEnd(() => 200);
  const apps = [`hanging=${hanging.url}`, `good=${good.url}`, 'gone=http://127.0.0.1:1/api', 'open='];
  const stage = await startServer({ apps, timeoutMs: 400, maxConnections: 2 });
  const stuck = await Promise.all(Array.from({ length: 6 }, () => connect(stage, 'hanging')));
  for (const appKey of ['good', 'open']) {
    const socket = await connect(stage, appKey);
    await socket.nextMessage('getUserData');
    play(socket);
    await socket.nextMessage('setRemoteSDP');
  }
  assert.deepEqual(await Promise.all(stuck.map(({ closed }) => closed)), Array(6).fill(1008));
  assert.equal(hanging.mostOpen, 2);
  assert.equal(await (await connect(stage, 'gone')).closed, 1008);
  const errors = stage.logged.filter(({ event }) => event === 'hook.failed').map(({ fields }) => Object(fields).error);
  assert.ok(errors.includes('no answer in 400 ms') && errors.includes('ECONNREFUSED'), errors.join(', '));
});

test('a server that shuts down tells the back end that its sessions are over', async () => {
  const backEnd = await startBackEnd(() => 200);
  const stage = await startServer({ apps: [`defaultApp=${backEnd.url}`] });
  const socket = await connect(stage);
  await socket.nextMessage('getUserData');
  await stage.server.close();
  assert.equal(backEnd.calls.at(-1)?.body.status, 'DISCONNECTED');
});

test('neither the address of a back end nor its credentials are logged', async () => {
  const stage = await startServer({ apps: ['defaultApp=http://user:pa55@127.0.0.1:1/secret'] });
  assert.equal(await (await connect(stage)).closed, 1008);
  assert.doesNotMatch(JSON.stringify(stage.logged), /pa55|secret/);
});

test('a back end that says more than it may is as good as silent', async () => {
  const backEnd = await startBackEnd(
    () => 200,
    ({ method }) => (method === '/api/connect' ? {} : { more: 'x'.repeat(100_000) }),
  );
  const stage = await startServer({ apps: [`defaultApp=${backEnd.url}`] });
  const socket = await connect(stage);
  await socket.nextMessage('getUserData');
  await until('the long answer is logged', () =>
    stage.logged.some(({ fields }) => /longer than 65536 bytes/.test(String(Object(fields).error))),
  );
  socket.close();
});
