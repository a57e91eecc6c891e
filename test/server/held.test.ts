/** What held when the server was attacked, and must go on to hold: each line is one attack. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { openWebSocket } from '../support/server/websocket-client.js';
import { type ServerStage, startStage } from './stage.js';

let stage: ServerStage;

before(async () => {
  stage = await startStage({ bodyTimeoutMs: 500 });
});
after(() => stage.end());

const host = 'Host: 127.0.0.1\r\n';

/** What is answered until the other side closes. */
const raw = (text: string): Promise<string> => stage.raw(text, 1500);

const requests: readonly (readonly [string, string, RegExp])[] = [
  ['TRACE', `TRACE / HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 405 /],
  ['CONNECT', `CONNECT 192.0.2.1:22 HTTP/1.1\r\n${host}\r\n`, /^(HTTP\/1\.1 (40[045]|505) .*)?$/s],
  ['a path above the root', `GET /../../etc/passwd HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 404 /],
  ['the same, encoded', `GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 404 /],
  ['the same, encoded twice', `GET /%252e%252e/etc/passwd HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 404 /],
  ['the same, with backslashes', `GET /..\\..\\etc\\passwd HTTP/1.1\r\n${host}\r\n`, /^(HTTP\/1\.1 40[04] .*)?$/s],
  [
    'an address in place of a path',
    `GET http://evil.example/api/streams HTTP/1.1\r\n${host}\r\n`,
    /^(HTTP\/1\.1 (404|505) .*)?$/s,
  ],
  [
    'a length in hexadecimal',
    `POST /whep/cam HTTP/1.1\r\n${host}Content-Length: 0x10\r\n\r\n`,
    /^(HTTP\/1\.1 400 .*)?$/s,
  ],
  [
    'a length that overflows',
    `POST /whep/cam HTTP/1.1\r\n${host}Content-Length: 99999999999999999999\r\n\r\n`,
    /^(HTTP\/1\.1 4\d\d .*)?$/s,
  ],
  ['a negative length', `POST /whep/cam HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`, /^(HTTP\/1\.1 400 .*)?$/s],
  [
    'a chunk of a negative size',
    `POST /whep/cam HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n-1\r\n`,
    /^(HTTP\/1\.1 4\d\d .*)?$/s,
  ],
  ['200 headers', `GET /healthz HTTP/1.1\r\n${host}${'X-Y: z\r\n'.repeat(200)}\r\n`, /^(HTTP\/1\.1 4\d\d .*)?$/s],
  [
    'a body that never comes',
    `POST /whep/cam HTTP/1.1\r\n${host}Content-Type: application/sdp\r\nContent-Length: 9\r\n\r\n`,
    /^HTTP\/1\.1 408 /,
  ],
];
/** Each on a connection of its own, which the server closes in its own time. */
describe('what is not served', { concurrency: true }, () => {
  for (const [what, text, expected] of requests) {
    test(`${what} is not served`, async () => assert.match(await raw(text), expected));
  }

  test('a client that sends its head a byte at a time is cut off', { timeout: 30_000 }, async () => {
    const startMs = performance.now();
    await new Promise<void>((resolve) => {
      const socket = connect(stage.server.restPort, '127.0.0.1');
      let sent = 0;
      const timer = setInterval(() => {
        socket.write('GET /healthz HTTP/1.1\r\n'[sent % 23] ?? 'G');
        sent += 1;
      }, 9000);
      socket.on('error', () => {});
      socket.on('close', () => {
        clearInterval(timer);
        resolve();
      });
    });
    assert.ok(performance.now() - startMs < 25_000);
  });
});

const hosts = [
  'evil.example',
  'evil.example:8081',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  '[::1].evil',
  '192.0.2.1',
];
for (const name of hosts) {
  test(`a page that has rebound its name "${name}" to this address does not control`, async () => {
    assert.equal((await stage.ask('/api/streams', { headers: { Host: name } })).status, 403);
  });
}

test('two Host headers give no control', async () => {
  const head = `GET /api/streams HTTP/1.1\r\n${host}Host: 127.0.0.1\r\nConnection: close\r\n\r\n`;
  assert.match(await raw(head), /^(HTTP\/1\.1 40\d .*)?$/s);
});

for (const origin of [
  'null',
  'file://',
  'chrome-extension://abc',
  'https://evil.example',
  'http://127.0.0.1.evil.example',
]) {
  test(`a page of ${origin} does not control`, async () => {
    assert.equal((await stage.ask('/api/streams', { headers: { Origin: origin } })).status, 403);
  });
}

for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', '']) {
  test(`a form of another page, of the type "${type}", pulls nothing`, async () => {
    const headers: Record<string, string> = type === '' ? {} : { 'Content-Type': type };
    const body = '{"uri":"rtmp://a.example/b/c"}';
    assert.equal((await stage.ask('/rest-api/pull/rtmp/pull', { method: 'POST', headers, body })).status, 415);
    assert.deepEqual(stage.streams.pulled, []);
  });
}

const bodies: readonly (readonly [string, string])[] = [
  ['arrays 60,000 deep', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  ['half a value', '{"uri":'],
  ['a number', '7'],
  ['null', 'null'],
  ['no text at all', '\0\0\0'],
  ['a uri that is an object', '{"uri":{"toString":"x"}}'],
];
for (const [what, body] of bodies) {
  test(`a body that is ${what} is refused`, async () => {
    const headers = { 'Content-Type': 'application/json' };
    assert.equal((await stage.ask('/rest-api/pull/rtmp/pull', { method: 'POST', headers, body })).status, 400);
  });
}

test('names of the language itself are fields and names like any other', async () => {
  for (const name of ['__proto__', 'constructor', 'prototype', 'toString']) {
    const body = `{"uri":"rtmp://a.example/b/c","localStreamName":"${name}","${name}":{"polluted":true}}`;
    const headers = { 'Content-Type': 'application/json' };
    const { status } = await stage.ask('/rest-api/pull/rtmp/pull', { method: 'POST', headers, body });
    assert.ok(status === 200 || status === 400, `${name}: ${status}`);
    assert.equal((await stage.ask(`/whep/${name}`, { method: 'POST' })).status >= 400, true);
  }
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});

test('many offers that are refused leave the rest of the server as quick as it was', async () => {
  const before = stage.streams.viewed.length;
  await Promise.all(Array.from({ length: 200 }, () => stage.ask('/whep/cam', { method: 'POST', body: 'no offer' })));
  assert.equal((await stage.ask('/healthz')).status, 200);
  assert.equal(stage.streams.viewed.length, before);
});

test('a signalling socket that sends what is no message is closed, and others go on', async () => {
  const good = await openWebSocket(stage.signalling);
  for (const text of ['', '{', '[]', '{"message":7}', '{"message":"playStream","data":7}', '\u0000']) {
    const bad = await openWebSocket(stage.signalling);
    bad.sendText(text);
    bad.close();
    await bad.closed;
  }
  good.sendJson({ message: 'connection', data: [{ appKey: 'defaultApp' }] });
  await good.nextMessage('getUserData');
  good.close();
  await good.closed;
});
