import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Ask, type ServerStage, startStage } from './stage.js';

const findAll = '/rest-api/pull/rtmp/find_all';
const apiKey = 'a-key-of-16-chars';
let stage: ServerStage;

before(async () => {
  stage = await startStage({
    settings: { control: { apiKeys: [apiKey], origins: ['https://studio.example'] } },
  });
});
after(() => stage.end());

const get = (path: string, headers: Readonly<Record<string, string>> = {}) => stage.ask(path, { headers });

test('requests from loopback may control, unless a proxy forwarded them', async () => {
  assert.equal((await get(findAll)).status, 200);
  for (const path of [findAll, '/api/streams', '/?action=stat', '/rest-api/stream/find_all']) {
    const forwarded = await get(path, { 'X-Forwarded-For': '192.0.2.1' });
    assert.equal(forwarded.status, 401, path);
    assert.equal(forwarded.json().code, 'control.unauthorised');
    assert.equal(forwarded.headers['www-authenticate'], 'Bearer');
  }
});

test('the body of a refused request is not read, and the connection is closed', async () => {
  const head =
    'POST /rest-api/pull/rtmp/pull HTTP/1.1\r\nHost: 127.0.0.1\r\nVia: 1.1 proxy\r\nContent-Length: 60000\r\n\r\n';
  const received = await stage.raw(head, 3000);
  assert.match(received, /^HTTP\/1.1 401 .*[Cc]onnection: close/s);
});

test('an API key gives control through a proxy, in either header', async () => {
  const forwarded = { 'X-Forwarded-For': '192.0.2.1' };
  assert.equal((await get(findAll, { ...forwarded, Authorization: `Bearer ${apiKey}` })).status, 200);
  assert.equal((await get(findAll, { ...forwarded, 'X-Api-Key': apiKey })).status, 200);
});

test('pages of other hosts may not control; those of this host and of control.origins may, by CORS', async () => {
  const evil = await get(findAll, { Origin: 'https://evil.example' });
  assert.deepEqual([evil.status, evil.headers['access-control-allow-origin']], [403, undefined]);
  for (const origin of ['https://studio.example', 'http://127.0.0.1']) {
    const answer = await get(findAll, { Origin: origin, Host: '127.0.0.1' });
    assert.deepEqual([answer.status, answer.headers['access-control-allow-origin']], [200, origin]);
    assert.equal(answer.headers.vary, 'Origin');
  }
  const otherPort = await get(findAll, { Origin: 'http://127.0.0.1:3000', Host: '127.0.0.1' });
  assert.deepEqual([otherPort.status, otherPort.headers['access-control-allow-origin']], [403, undefined]);
});

test('a CORS preflight is answered for a listed page, and not for another', async () => {
  const ask = (origin: string) =>
    stage.ask('/rest-api/pull/rtmp/pull', { method: 'OPTIONS', headers: { Origin: origin } });
  const listed = await ask('https://studio.example');
  assert.equal(listed.status, 204);
  assert.equal(listed.headers['access-control-allow-methods'], 'POST, OPTIONS');
  assert.match(String(listed.headers['access-control-allow-headers']), /X-Api-Key/);
  assert.equal((await ask('https://evil.example')).headers['access-control-allow-origin'], undefined);
});

test('every answer names the origin of a listed page, also one of an unknown path, and without a key', async () => {
  const origin = 'https://studio.example';
  const body = { method: 'POST', headers: { Origin: origin, 'Content-Type': 'application/json' }, body: '{}' };
  const asks: readonly (readonly [number, string, Ask])[] = [
    [404, '/rest-api/push/startup', body],
    [404, '/rest-api/pull/rtmp/terminate', { ...body, body: '{"uri":"rtmp://h/a/b"}' }],
    [404, '/nothing', { headers: { Origin: origin } }],
    [400, '/rest-api/pull/rtmp/pull', body],
    [401, findAll, { headers: { Origin: origin, 'X-Forwarded-For': '192.0.2.1' } }],
    [405, '/rest-api/pull/rtmp/pull', { method: 'PUT', headers: { Origin: origin } }],
    [413, '/rest-api/pull/rtmp/pull', { ...body, body: 'x'.repeat(65_537) }],
    [415, '/rest-api/pull/rtmp/pull', { method: 'POST', headers: { Origin: origin }, body: '{}' }],
  ];
  for (const [status, path, ask] of asks) {
    const answer = await stage.ask(path, ask);
    assert.deepEqual([answer.status, answer.headers['access-control-allow-origin']], [status, origin], path);
    assert.equal(answer.headers.vary, 'Origin');
  }
});

test('a preflight of an unknown path is answered, so that a listed page hears of the 404 that follows', async () => {
  const ask = (origin: string) =>
    stage.ask('/rest-api/push/startup', {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    });
  const listed = await ask('https://studio.example');
  assert.equal(listed.status, 204);
  assert.match(String(listed.headers['access-control-allow-methods']), /POST/);
  assert.match(String(listed.headers['access-control-allow-headers']), /Content-Type/);
  assert.equal((await ask('https://evil.example')).headers['access-control-allow-origin'], undefined);
  assert.equal((await stage.ask('/rest-api/push/startup', { method: 'OPTIONS' })).status, 404);
});

test('a host name that was rebound to loopback gives no control', async () => {
  assert.equal((await get(findAll, { Host: 'evil.example:8081' })).status, 403);
  assert.equal((await get(findAll, { Host: 'localhost:8081' })).status, 200);
});

test('playback is open to any page, through any proxy', async () => {
  const headers = { Origin: 'https://evil.example', 'X-Forwarded-For': '192.0.2.1', Host: 'play.example' };
  const answer = await stage.ask('/whep/cam', { method: 'HEAD', headers });
  assert.deepEqual([answer.status, answer.headers['access-control-allow-origin']], [200, '*']);
});

test('after five wrong keys in a minute wrong ones are answered 429, and the right one is let in', async () => {
  for (let n = 0; n < 5; n += 1) {
    assert.equal((await get(findAll, { 'X-Api-Key': `wrong ${n}` })).status, 401);
  }
  const answer = await get(findAll, { 'X-Api-Key': 'wrong again' });
  assert.deepEqual([answer.status, answer.json().code], [429, 'request.tooMany']);
  assert.equal(answer.headers['retry-after'], '60');
  assert.equal((await get(findAll, { 'X-Api-Key': apiKey })).status, 200);
});
