/** A WHEP endpoint as a source, as far as HTTP goes: what it is asked, what its answers mean, who may be dialled. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { SluiceError } from '../../../src/errors.js';
import { createAuthority } from '../../support/certificates.js';
import { loopback, pullFrom, settings } from '../../support/source/pulling.js';

async function listen(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : assert.fail('no TCP port');
}

const serve = (t: TestContext, answer: RequestListener): Promise<number> => listen(t, createServer(answer));

const sdpWith = (...lines: readonly string[]): string => ['v=0', 's=-', 't=0 0', ...lines, ''].join('\r\n');
const candidate = (address: string): string => `a=candidate:1 1 udp 1 ${address} 5000 typ host`;

for (const { status, body = '', event } of [
  { status: 404, event: 'PENDING source.notFound WHEP answered 404' },
  { status: 409, event: 'PENDING source.noMedia WHEP answered 409' },
  { status: 503, event: 'PENDING source.rejected WHEP answered 503' },
  { status: 401, event: 'FAILED source.notAuthorised WHEP answered 401' },
  { status: 201, body: '<html>', event: /^PENDING source.protocol its answer is no SDP/ },
  { status: 201, body: sdpWith('m=video 9 UDP/TLS/RTP/SAVPF 96'), event: /^PENDING source.protocol .* no candidate/ },
]) {
  test(`the answer ${status}${body === '' ? '' : ` ${JSON.stringify(body.slice(0, 12))}`} means ${event}`, async (t) => {
    const port = await serve(t, (_request, response) => response.writeHead(status).end(body));
    const { pull, seen } = pullFrom(t, `http://127.0.0.1:${port}/whep/cam`);
    pull.start();
    await seen(typeof event === 'string' ? new RegExp(`^${event}$`) : event);
  });
}

test('the offer asks for H.264, sent again beside its stream, and for Opus; its credentials go with it', async (t) => {
  const asked: IncomingMessage[] = [];
  let offer = '';
  const port = await serve(t, async (request, response) => {
    asked.push(request);
    offer = await text(request);
    response.writeHead(404).end();
  });
  const { pull, seen } = pullFrom(t, `whep://user:pass@127.0.0.1:${port}/cam/whep?key=1`);
  pull.start();
  await seen(/notFound/);
  const { method, url, headers } = asked[0] ?? assert.fail('nobody asked');
  assert.deepEqual([method, url, headers.host], ['POST', '/cam/whep?key=1', `127.0.0.1:${port}`]);
  assert.deepEqual(
    [headers['content-type'], headers.authorization],
    ['application/sdp', `Basic ${Buffer.from('user:pass').toString('base64')}`],
  );
  for (const line of [
    /^a=rtpmap:96 H264\/90000\r$/m,
    /^a=rtcp-fb:96 nack pli\r$/m,
    /^a=fmtp:97 apt=96\r$/m,
    /^a=rtpmap:111 opus\/48000\/2\r$/m,
    /^a=setup:actpass\r$/m,
    /^a=recvonly\r$/m,
    /^a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 /m,
  ]) {
    assert.match(offer, line);
  }
});

test('a redirect is followed through the guard, and another host gets no credentials', async (t) => {
  const seenHeaders: (string | undefined)[] = [];
  const target = await serve(t, (request, response) => {
    seenHeaders.push(request.headers.authorization);
    response.writeHead(404).end();
  });
  const port = await serve(t, (_request, response) =>
    response.writeHead(307, { Location: `http://other.example:${target}/whep/cam` }).end(),
  );
  const dialled: unknown[] = [];
  const { pull, seen } = pullFrom(t, `http://token@127.0.0.1:${port}/whep/cam`, {
    resolve: async (...where) => {
      dialled.push(where);
      return loopback;
    },
  });
  pull.start();
  await seen(/notFound/);
  assert.deepEqual(seenHeaders, [undefined]);
  assert.deepEqual(dialled.slice(0, 2), [
    ['127.0.0.1', 'rest', port, null],
    ['other.example', 'rest', target, { address: '127.0.0.1', port }],
  ]);
});

test('candidates that the guard refuses are not tried; without another one the source is given up', async (t) => {
  const port = await serve(t, (_request, response) =>
    response
      .writeHead(201, { Location: '/session/1' })
      .end(sdpWith('m=video 9 UDP/TLS/RTP/SAVPF 96', candidate('10.0.0.1'), candidate('10.0.0.2'))),
  );
  const asked: string[] = [];
  const { pull, seen } = pullFrom(t, `http://127.0.0.1:${port}/whep/cam`, {
    resolve: async (host) => {
      asked.push(host);
      if (host.startsWith('10.')) throw new SluiceError('source.addressDenied');
      return loopback;
    },
  });
  pull.start();
  await seen(/^FAILED source.addressDenied the candidates of its answer$/);
  assert.deepEqual(asked.slice(1, 3), ['10.0.0.1', '10.0.0.2']);
});

test('a session that could not be used is ended at the server', async (t) => {
  const methods: string[] = [];
  let ended = (): void => {};
  const isEnded = new Promise<void>((resolve) => (ended = resolve));
  const port = await serve(t, (request, response) => {
    methods.push(`${request.method} ${request.url}`);
    if (request.method === 'DELETE') ended();
    response.writeHead(201, { Location: '/session/1' }).end(sdpWith());
  });
  const { pull } = pullFrom(t, `http://127.0.0.1:${port}/whep/cam`);
  pull.start();
  await isEnded;
  assert.deepEqual(methods, ['POST /whep/cam', 'DELETE /session/1']);
});

test('a certificate is checked, and one of our own authority is taken', async (t) => {
  const ours = createAuthority('Our own authority');
  const server = createTlsServer(ours.issue('localhost'), (_request, response) => response.writeHead(404).end());
  server.on('tlsClientError', () => {});
  const port = await listen(t, server);
  const uri = `https://localhost:${port}/whep/cam`;
  const strange = pullFrom(t, uri);
  strange.pull.start();
  await strange.seen(/^PENDING source.untrusted UNABLE_TO_VERIFY_LEAF_SIGNATURE$/);
  const known = pullFrom(t, uri, { settings: { ...settings, caPem: ours.certPem } });
  known.pull.start();
  await known.seen(/^PENDING source.notFound/);
});

test('an endpoint that says nothing, or no HTTP, is lost for that reason and asked again', async (t) => {
  const silent = await serve(t, () => {});
  const late = pullFrom(t, `http://127.0.0.1:${silent}/whep/cam`, {
    settings: { ...settings, dialogueTimeoutMs: 100 },
  });
  late.pull.start();
  await late.seen(/^PENDING source.timeout no answer to POST$/);
  const server = createServer();
  server.on('connection', (socket) => socket.end('RTMP\r\n\r\n'));
  const odd = pullFrom(t, `http://127.0.0.1:${await listen(t, server)}/whep/cam`);
  odd.pull.start();
  await odd.seen(/^PENDING source.protocol/);
});
