/** A server of WCS as a source, as far as its signalling goes: what it is told, and what its words mean. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type TestContext, test } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import { createAuthority } from '../../support/certificates.js';
import { pullFrom, settings } from '../../support/source/pulling.js';

interface Told {
  readonly message: string;
  readonly data: readonly [Readonly<Record<string, unknown>>];
}

/** A server that hears each message of its client; gives its address. */
async function serve(t: TestContext, hear: (told: Told, client: WebSocket) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  server.on('connection', (client) =>
    client.on('message', (text) => {
      const told: Told = JSON.parse(String(text));
      hear(told, client);
    }),
  );
  const address = server.address();
  return typeof address === 'object' && address !== null
    ? `ws://127.0.0.1:${address.port}#my%20cam`
    : assert.fail('no TCP port');
}

const say = (client: WebSocket, message: string, ...data: readonly unknown[]): void =>
  client.send(JSON.stringify({ message, data }));
const fail = (client: WebSocket, { data: [{ mediaSessionId, name }] }: Told, info: string): void =>
  say(client, 'notifyStreamStatusEvent', { mediaSessionId, name, status: 'FAILED', info });

test('it is asked as the Web SDK asks: connection, playStream with an offer, and pings are answered', async (t) => {
  const messages: string[] = [];
  const plays: Told[] = [];
  const uri = await serve(t, (told, client) => {
    messages.push(told.message);
    if (told.message === 'connection') {
      say(client, 'ping', null);
      say(client, 'getUserData', {});
    }
    if (told.message !== 'playStream') return;
    plays.push(told);
    fail(client, told, 'Stream not found');
  });
  const { pull, seen } = pullFrom(t, uri);
  pull.start();
  await seen(/^PENDING source.notFound FAILED "Stream not found"$/);
  assert.deepEqual(messages.slice(0, 3), ['connection', 'pong', 'playStream']);
  const [{ name, sdp, mediaProvider }] = plays[0]?.data ?? assert.fail('it never played');
  assert.deepEqual([name, mediaProvider], ['my cam', 'WebRTC']);
  assert.match(String(sdp), /^m=video \d+ UDP\/TLS\/RTP\/SAVPF 96 /m);
});

test('a server that asks for credentials is given up; one that closes is dialled again', async (t) => {
  const uri = await serve(t, (told, client) => {
    if (told.message === 'connection') say(client, 'getUserData', {});
    else if (told.message === 'playStream') fail(client, told, 'Restricted access');
  });
  const refused = pullFrom(t, uri);
  refused.pull.start();
  await refused.seen(/^FAILED source.notAuthorised/);
  const closing = pullFrom(t, await serve(t, (_told, client) => client.close()));
  closing.pull.start();
  await closing.seen(/^PENDING source.ended the signalling was closed$/);
});

test('what speaks no WebSocket, or no frames of WCS, or nothing, is lost for that reason', async (t) => {
  const http = createServer((_request, response) => response.writeHead(403).end()).listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.after(() => http.close());
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : assert.fail('no TCP port');
  const forbidden = pullFrom(t, `ws://127.0.0.1:${port}#cam`);
  forbidden.pull.start();
  await forbidden.seen(/^FAILED source.notAuthorised HTTP 403$/);
  const odd = pullFrom(t, await serve(t, (_told, client) => client.send('RTMP')));
  odd.pull.start();
  await odd.seen(/^PENDING source.protocol signal.wcs: no JSON$/);
  const silent = pullFrom(t, await serve(t, () => {}), { settings: { ...settings, dialogueTimeoutMs: 100 } });
  silent.pull.start();
  await silent.seen(/^PENDING source.timeout its signalling never said established$/);
});

test('wss:// is dialled with its certificate checked, and one of our own authority is taken', async (t) => {
  const ours = createAuthority('Our own authority');
  const tls = createTlsServer(ours.issue('localhost')).listen(0, '127.0.0.1');
  tls.on('tlsClientError', () => {});
  await once(tls, 'listening');
  const server = new WebSocketServer({ server: tls });
  server.on('connection', (client) => client.close());
  t.after(() => {
    server.close();
    tls.close();
    tls.closeAllConnections();
  });
  const address = tls.address();
  const port = typeof address === 'object' && address !== null ? address.port : assert.fail('no TCP port');
  const strange = pullFrom(t, `wss://localhost:${port}#cam`);
  strange.pull.start();
  await strange.seen(/^PENDING source.untrusted UNABLE_TO_VERIFY_LEAF_SIGNATURE$/);
  const known = pullFrom(t, `wss://localhost:${port}#cam`, { settings: { ...settings, caPem: ours.certPem } });
  known.pull.start();
  await known.seen(/^PENDING source.ended/);
});
