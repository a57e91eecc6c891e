import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { type ErrorCode, errorTable, SluiceError } from '../../src/errors.js';
import { until } from '../support/until.js';
import { somePull } from './examples.js';
import { type Answer, offer, type ServerStage, startStage } from './stage.js';

const fragmentType = 'application/trickle-ice-sdpfrag';
const trickle = 'a=mid:0\r\na=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\na=end-of-candidates\r\n';
const restart = 'a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n';
let stage: ServerStage;

beforeEach(async () => {
  await stage?.end();
  stage = await startStage();
});
after(() => stage.end());

const play = (path = '/whep/cam', body = offer(), type = 'application/sdp'): Promise<Answer> =>
  stage.ask(path, { method: 'POST', headers: { 'Content-Type': type }, body });

const patch = (path: string, headers: Readonly<Record<string, string>>, body = trickle): Promise<Answer> =>
  stage.ask(path, { method: 'PATCH', headers: { 'Content-Type': fragmentType, ...headers }, body });

async function session(): Promise<string> {
  return String((await play()).headers.location);
}

const codeOf = (answer: Answer): unknown => answer.json().code;

test('an offer is answered 201 with the answer, the session and a strong entity tag', async () => {
  const answer = await play('/whep/cam', offer(), 'Application/SDP; charset=utf-8');
  assert.equal(answer.status, 201);
  assert.equal(answer.body, 'v=0\r\n');
  assert.equal(answer.headers['content-type'], 'application/sdp');
  assert.match(String(answer.headers.location), /^\/whep\/session\/[0-9a-f]{32}$/);
  assert.equal(answer.headers.etag, '"ice1"');
  assert.equal(answer.headers['access-control-allow-origin'], '*');
  assert.match(String(answer.headers['access-control-expose-headers']), /Location, ETag, Link, Retry-After/);
  const [viewed] = stage.streams.viewed;
  assert.deepEqual([viewed?.name, viewed?.clientIp], ['cam', '127.0.0.1']);
  assert.deepEqual(
    viewed?.offer.media.map(({ kind }) => kind),
    ['audio', 'video'],
  );
});

const names = [
  ['/whep/a%20b%2Fc', 'a b/c'],
  ['/whep/a/b/c', 'a/b/c'],
  ['/whep/%D0%BA%D0%B0%D0%BC%D0%B5%D1%80%D0%B0', 'камера'],
  ['/whep/rtmp%3A%2F%2Fhost%3A1935%2Flive%2Fcam%3Fa%3D1', 'rtmp://host:1935/live/cam?a=1'],
  ['/whep/rtmp://host/live/cam', 'rtmp://host/live/cam'],
  ['/whep?src=rtmp%3A%2F%2Fhost%2Flive%2Fcam%3Fa%3D1%26b', 'rtmp://host/live/cam?a=1&b'],
] as const;
for (const [path, name] of names) {
  test(`POST ${path} asks for ${name}`, async () => {
    await play(path);
    assert.deepEqual(
      stage.streams.viewed.map((request) => request.name),
      [name],
    );
  });
}

const refusals: readonly (readonly [ErrorCode, number, boolean])[] = [
  ['stream.notFound', 404, false],
  ['stream.notLive', 409, true],
  ['source.refused', 409, true],
  ['source.notFound', 409, true],
  ['source.noMedia', 409, true],
  ['source.notAuthorised', 502, false],
  ['source.addressDenied', 403, false],
  ['stream.failed', 503, true],
  ['viewer.limit', 503, true],
  ['viewer.overloaded', 503, true],
  ['request.tooMany', 429, true],
  ['offer.unacceptable', 422, false],
];
for (const [code, status, hasRetryAfter] of refusals) {
  test(`${code} answers ${status}${hasRetryAfter ? ' with Retry-After' : ''} in problem details`, async () => {
    stage.streams.onView = async () => {
      throw new SluiceError(code, 'what was missing');
    };
    const answer = await play();
    assert.equal(answer.status, status);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.headers['retry-after'] !== undefined, hasRetryAfter);
    const { type, status: said, detail, code: stable } = answer.json();
    assert.deepEqual([type, said, detail, stable], ['about:blank', status, 'what was missing', code]);
    assert.equal(answer.json().title, errorTable[code].text);
  });
}

test('a size and a bitrate may stand in the query of the endpoint', async () => {
  await play('/whep/cam?width=320&height=180&bitrate=300');
  await play('/whep?src=cam&quality=50&width=x');
  const none = { width: null, height: null, bitrateKbps: null, quality: null };
  assert.deepEqual(
    stage.streams.viewed.map(({ wish }) => wish),
    [
      { ...none, width: 320, height: 180, bitrateKbps: 300 },
      { ...none, quality: 50 },
    ],
  );
});

test('draining, an offer is refused with 503 and Retry-After', async () => {
  stage.server.refuse(true);
  const answer = await play();
  assert.deepEqual([answer.status, codeOf(answer)], [503, 'server.draining']);
  assert.ok(answer.headers['retry-after'] !== undefined);
});

test('other content types answer 415, malformed SDP 400, SDP over 128 KiB 413', async () => {
  assert.deepEqual([(await play('/whep/cam', offer(), 'text/plain')).status], [415]);
  const malformed = await play('/whep/cam', 'not SDP');
  assert.deepEqual([malformed.status, codeOf(malformed)], [400, 'offer.malformed']);
  assert.equal((await play('/whep/cam', 'v'.repeat(131_073))).status, 413);
  assert.deepEqual(stage.streams.viewed, []);
});

test('HEAD describes the endpoint, GET has no content', async () => {
  const head = await stage.ask('/whep/cam', { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers['content-type'], head.body], [200, 'application/sdp', '']);
  const get = await stage.ask('/whep/cam');
  assert.deepEqual([get.status, get.body, get.headers['content-length']], [204, '', undefined]);
});

test('OPTIONS answers a preflight from any page', async () => {
  const headers = { Origin: 'https://elsewhere.example', 'Access-Control-Request-Method': 'PATCH' };
  const answer = await stage.ask('/whep/cam', { method: 'OPTIONS', headers });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers['access-control-allow-origin'], '*');
  for (const method of ['POST', 'HEAD', 'GET', 'OPTIONS', 'PATCH', 'DELETE']) {
    assert.match(String(answer.headers['access-control-allow-methods']), new RegExp(`\\b${method}\\b`));
  }
  assert.match(
    String(answer.headers['access-control-allow-headers']),
    /Authorization, Content-Type, Idempotency-Key, If-Match/,
  );
  assert.equal(answer.headers['accept-post'], 'application/sdp');
});

test('DELETE ends the session, and a second one answers 404', async () => {
  const path = await session();
  const headers = { 'If-Match': '"old"' };
  assert.equal((await stage.ask(path, { method: 'DELETE', headers })).status, 200);
  assert.deepEqual(stage.streams.left, [path.slice(-32)]);
  const again = await stage.ask(path, { method: 'DELETE' });
  assert.deepEqual([again.status, codeOf(again)], [404, 'session.notFound']);
});

test('a session that ended by itself answers 404', async () => {
  const path = await session();
  stage.streams.viewed[0]?.onEnded('viewer.iceKeepAlive');
  assert.equal((await stage.ask(path, { method: 'DELETE' })).status, 404);
  assert.equal((await patch(path, { 'If-Match': '"ice1"' })).status, 404);
});

test('a session that ends before its answer is sent is not kept', async () => {
  stage.streams.onView = async ({ name, onEnded }, viewerId) => {
    onEnded('source.ended');
    return { viewerId, localName: name, answerSdp: 'v=0\r\n', media: somePull.media, iceTag: 'ice1' };
  };
  assert.equal((await stage.ask(await session(), { method: 'DELETE' })).status, 404);
});

test('PATCH accepts candidates with the current entity tag or *, twice and overlapping', async () => {
  const path = await session();
  const tags = ['"ice1"', '*', '"ice1"'];
  const answers = await Promise.all(tags.map((tag) => patch(path, { 'If-Match': tag })));
  for (const answer of answers) assert.deepEqual([answer.status, answer.headers.etag], [204, undefined]);
});

test('PATCH accepts the credentials of the offer again', async () => {
  const path = await session();
  const ufrag = String(/a=ice-ufrag:(\S+)/.exec(offer())?.[1]);
  const same = `a=ice-ufrag:${ufrag}\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n${trickle}`;
  assert.equal((await patch(path, { 'If-Match': '"ice1"' }, same)).status, 204);
  assert.deepEqual(stage.streams.restarted, []);
});

for (const tag of ['*', '"ice1"']) {
  test(`PATCH with new credentials and If-Match ${tag} restarts ICE, and the entity tag is a new one`, async () => {
    const path = await session();
    const answer = await patch(path, { 'If-Match': tag }, restart);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], fragmentType);
    assert.equal(answer.headers.etag, '"ice2"');
    assert.equal(answer.body, 'a=ice-ufrag:ice2\r\n');
    assert.deepEqual(stage.streams.restarted, [`${path.slice(-32)} EsAw`]);
    assert.equal((await patch(path, { 'If-Match': '"ice1"' })).status, 412);
    assert.equal((await patch(path, { 'If-Match': '"ice2"' })).status, 204);
    assert.equal((await patch(path, { 'If-Match': '*' }, restart)).status, 204, 'the same credentials again');
  });
}

test('a restart with an old entity tag, or without one, is refused and changes nothing', async () => {
  const path = await session();
  assert.equal((await patch(path, { 'If-Match': '"ice0"' }, restart)).status, 412);
  assert.equal((await patch(path, {}, restart)).status, 428);
  assert.deepEqual(stage.streams.restarted, []);
});

test('a restart that fails leaves the session unchanged', async () => {
  const path = await session();
  stage.streams.onRestart = async () => {
    throw new SluiceError('actor.timeout');
  };
  const refused = await patch(path, { 'If-Match': '*' }, restart);
  assert.deepEqual([refused.status, codeOf(refused)], [503, 'actor.timeout']);
  assert.equal((await patch(path, { 'If-Match': '"ice1"' })).status, 204);
  stage.streams.onRestart = null;
  assert.equal((await patch(path, { 'If-Match': '"ice1"' }, restart)).status, 200);
});

test('of two overlapping restarts the second one works on the result of the first', async () => {
  const path = await session();
  const other = 'a=ice-ufrag:FsBx\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n';
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let begun = 0;
  stage.streams.onRestart = async () => {
    begun += 1;
    const iceTag = `ice${begun + 1}`;
    await gate;
    return { fragment: `a=ice-ufrag:${iceTag}\r\n`, iceTag };
  };
  // All are sent before the first one is answered.
  const answers = [patch(path, { 'If-Match': '*' }, restart)];
  await until('the first restart has begun', async () => begun === 1);
  answers.push(patch(path, { 'If-Match': '"ice1"' }, other), patch(path, { 'If-Match': '*' }, other));
  const head = await stage.ask(path, { method: 'HEAD' });
  assert.deepEqual([head.status, begun], [204, 1], 'only one at a time');
  open();
  const [first, old, second] = await Promise.all(answers);
  assert.deepEqual([first?.status, first?.headers.etag], [200, '"ice2"']);
  assert.equal(old?.status, 412, 'its tag is that of the session before');
  assert.deepEqual([second?.status, second?.headers.etag], [200, '"ice3"']);
});

test('a restart of a session that ends meanwhile answers 404', async () => {
  const path = await session();
  stage.streams.onRestart = async () => {
    stage.streams.viewed[0]?.onEnded('viewer.iceKeepAlive');
    throw new SluiceError('session.notFound');
  };
  const answers = await Promise.all([patch(path, { 'If-Match': '*' }, restart), patch(path, { 'If-Match': '*' })]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [404, 404]);
});

test('PATCH without If-Match answers 428, with an old one 412', async () => {
  const path = await session();
  const without = await patch(path, {});
  assert.deepEqual([without.status, codeOf(without)], [428, 'session.preconditionRequired']);
  const old = await patch(path, { 'If-Match': '"ice0"' });
  assert.deepEqual([old.status, codeOf(old)], [412, 'session.preconditionFailed']);
});

test('PATCH that brings nothing answers 204, with an empty body and without a type too', async () => {
  const path = await session();
  const answers = [await patch(path, {}, ''), await stage.ask(path, { method: 'PATCH' })];
  assert.ok(answers.every(({ status }) => status === 204));
});

test('PATCH of another content type answers 415, malformed 400, over the limit 413', async () => {
  const path = await session();
  assert.equal((await patch(path, { 'Content-Type': 'application/sdp', 'If-Match': '*' })).status, 415);
  assert.equal((await patch(path, { 'If-Match': '*' }, 'no fragment')).status, 400);
  assert.equal((await patch(path, { 'If-Match': '*' }, 'a'.repeat(131_073))).status, 413);
});

test('GET and HEAD of a session have no content', async () => {
  const path = await session();
  assert.equal((await stage.ask(path)).status, 204);
  assert.equal((await stage.ask(path, { method: 'HEAD' })).status, 204);
});

test('methods that the endpoint does not have answer 405', async () => {
  for (const method of ['DELETE', 'PUT']) assert.equal((await stage.ask('/whep/cam', { method })).status, 405);
});

test('a name that is malformed, too long or missing answers 400', async () => {
  assert.equal((await play('/whep/%ff')).status, 400);
  assert.equal((await play(`/whep/${'x'.repeat(2049)}`)).status, 400);
  assert.equal((await play('/whep')).status, 400);
});

test('a hundred unknown sessions answer 404, and the one that exists stays', async () => {
  const path = await session();
  for (let n = 0; n < 100; n += 1) {
    const unknown = `/whep/session/${(n + 1000).toString(16).padStart(32, 'f')}`;
    assert.equal((await stage.ask(unknown, { method: 'DELETE' })).status, 404);
  }
  assert.equal((await stage.ask(path, { method: 'DELETE' })).status, 200);
});

test('an offer whose body is cut off starts nothing', async () => {
  const head = 'POST /whep/cam HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nContent-Length: 5000\r\n\r\nv=0';
  await stage.raw(head, 50);
  assert.equal((await play()).status, 201);
  assert.equal(stage.streams.viewed.length, 1);
});
