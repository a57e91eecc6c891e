/** Playback tokens of our own: who may play by WHEP and signalling, and see stills and recordings. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import type { Revocation } from '../../src/core/guard/passes.js';
import { tokenSecret, tokenWith } from '../support/server/tokens.js';
import { openWebSocket } from '../support/server/websocket-client.js';
import { until } from '../support/until.js';
import { somePart } from './examples.js';
import { codeOf, endAll, nowS, onEnd, post, start, whep } from './playback-stage.js';
import { offer } from './stage.js';

afterEach(endAll);

test('WHEP takes a token from the Authorization header or the query, and says when there is none', async () => {
  const stage = await start();
  const token = await tokenWith({ stream: 'cam' });
  const none = await post(stage, '/whep/cam');
  assert.deepEqual(
    [none.status, codeOf(none), none.headers['www-authenticate']],
    [401, 'viewer.tokenMissing', 'Bearer'],
  );
  assert.equal((await whep(stage, token)).status, 201);
  assert.equal((await post(stage, `/whep/cam?token=${token}`)).status, 201);
  assert.equal((await post(stage, `/whep?src=cam&token=${token}`)).status, 201);
  assert.equal(stage.streams.viewed.length, 3);
});

const unsigned = (claims: object): string =>
  `${[{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

const wrong: readonly (readonly [string, () => Promise<string> | string, RegExp])[] = [
  ['for another stream', () => tokenWith({ stream: 'cam2' }), /another stream/],
  ['that has expired', () => tokenWith({ stream: 'cam', exp: nowS() - 10 }), /expired/],
  ['that is not good yet', () => tokenWith({ stream: 'cam', nbf: nowS() + 100 }), /nbf/],
  ['that never expires', () => tokenWith({ stream: 'cam', exp: undefined }), /exp/],
  ['that lives too long', () => tokenWith({ stream: 'cam', exp: nowS() + 700_000 }), /maxLifetimeS/],
  ['that names no stream', () => tokenWith({}), /stream/],
  ['signed by another secret', () => tokenWith({ stream: 'cam' }, `${tokenSecret}!`), /not signed/],
  ['that is not signed', () => unsigned({ stream: 'cam', exp: nowS() + 100 }), /not signed|no JSON Web Token/],
  ['that is none', () => 'eyJ', /no JSON Web Token/],
  ['that is too long', () => 'x'.repeat(8193), /too long/],
];
for (const [what, make, words] of wrong) {
  test(`a token ${what} is refused, in words`, async () => {
    const stage = await start();
    const answer = await whep(stage, await make());
    assert.deepEqual([answer.status, codeOf(answer)], [403, 'viewer.tokenDenied']);
    assert.match(String(answer.json().detail), words);
    assert.equal(stage.streams.viewed.length, 0);
  });
}

test('the claims iss and aud are what the configuration says', async () => {
  const stage = await start({ secrets: [tokenSecret], issuer: 'us', audience: 'players' });
  assert.equal((await whep(stage, await tokenWith({ stream: 'cam', iss: 'us', aud: ['x', 'players'] }))).status, 201);
  for (const claims of [{ iss: 'them', aud: 'players' }, { iss: 'us', aud: 'others' }, {}]) {
    assert.equal((await whep(stage, await tokenWith({ stream: 'cam', ...claims }))).status, 403);
  }
});

test('after thirty wrong tokens in a minute a client is answered 429, and a right one is let in', async () => {
  const stage = await start();
  for (let n = 0; n < 30; n += 1) assert.equal((await whep(stage, `eyJ.${n}.x`)).status, 403);
  const answer = await whep(stage, 'eyJ.y.x');
  assert.deepEqual([answer.status, codeOf(answer)], [429, 'request.tooMany']);
  assert.equal((await whep(stage, await tokenWith({ stream: 'cam' }))).status, 201);
});

test('a token lets in so many viewers, and another one when one has left', async () => {
  const stage = await start();
  const token = await tokenWith({ stream: 'cam', maxViewers: 2 });
  const first = await whep(stage, token);
  assert.equal((await whep(stage, token)).status, 201);
  const third = await whep(stage, token);
  assert.deepEqual([third.status, codeOf(third)], [429, 'viewer.tokenInUse']);
  await stage.ask(String(first.headers.location), { method: 'DELETE' });
  assert.equal((await whep(stage, token)).status, 201);
  // The session that the supervisor ended gives its place back too.
  stage.streams.viewed[1]?.onEnded(null);
  assert.equal((await whep(stage, token)).status, 201);
  assert.equal((await whep(stage, token)).status, 429);
});

test('a viewer who could not be let in takes no place', async () => {
  const stage = await start();
  const token = await tokenWith({ stream: '*', maxViewers: 1 });
  assert.equal((await whep(stage, token, 'nothing')).status, 404);
  assert.equal((await whep(stage, token)).status, 201);
});

test('a token for one time is not taken twice', async () => {
  const stage = await start();
  const token = await tokenWith({ stream: 'cam', once: true });
  assert.equal((await whep(stage, token)).status, 201);
  stage.streams.viewed[0]?.onEnded(null);
  const again = await whep(stage, token);
  assert.deepEqual([again.status, again.json().detail], [403, 'it was good for one time']);
});

test('revoking a token ends all who play by it within two seconds, and it stays revoked after a restart', async () => {
  let kept: readonly Revocation[] = [];
  const keep = (revoked: readonly Revocation[]): void => {
    kept = revoked;
  };
  const stage = await start({ secrets: [tokenSecret] }, { known: [], keep });
  const terminated: string[] = [];
  stage.streams.terminateViewer = (id) => void terminated.push(id);
  const token = await tokenWith({ stream: 'cam', jti: 'ann/1', sub: 'ann' });
  const other = await tokenWith({ stream: 'cam', jti: 'bob' });
  await whep(stage, token);
  await whep(stage, other);
  const socket = await openWebSocket(stage.signalling);
  onEnd(socket.close);
  socket.sendJson({ message: 'connection', data: [{ custom: { token } }] });
  socket.sendJson({ message: 'playStream', data: [{ mediaSessionId: 'm', name: 'cam', sdp: offer() }] });
  await socket.nextMessage('setRemoteSDP');
  const used = JSON.parse((await stage.ask('/api/tokens')).body);
  const inUse = used.map(({ id, subject, viewers }: Record<string, unknown>) => [id, subject, viewers]);
  assert.deepEqual(inUse, [
    ['ann/1', 'ann', 2],
    ['bob', null, 1],
  ]);
  const startMs = performance.now();
  assert.equal((await stage.ask('/api/tokens/ann%2F1', { method: 'DELETE' })).status, 204);
  await until('both are ended', () => terminated.length === 2);
  assert.ok(performance.now() - startMs < 2000);
  assert.deepEqual(
    terminated.sort(),
    [1, 3].map((n) => n.toString(16).padStart(32, '0')),
  );
  assert.equal((await whep(stage, token)).json().detail, 'it has been revoked');
  assert.equal((await stage.ask(`/hls/cam/index.m3u8?token=${token}`)).status, 403);
  assert.equal((await whep(stage, other)).status, 201);
  const later = await start({ secrets: [tokenSecret] }, { known: [...kept], keep });
  assert.equal((await whep(later, token)).status, 403);
});

test('signalling takes a token in custom, as authToken, of a single play, and in its address', async () => {
  const stage = await start();
  const token = await tokenWith({ stream: 'cam' });
  const ways: Readonly<Record<string, readonly [string, object, object]>> = {
    'custom of the session': ['', { custom: { token } }, {}],
    'authToken of the session': ['', { authToken: token }, {}],
    'custom of the play': ['', {}, { custom: { token } }],
    'custom of the play before that of the session': ['', { custom: { token: 'a.b.c' } }, { custom: { token } }],
    'the address': [`/?token=${token}`, {}, {}],
  };
  const play = async (address: string, connection: object, more: object): Promise<unknown> => {
    const socket = await openWebSocket(`${stage.signalling}${address}`);
    onEnd(socket.close);
    socket.sendJson({ message: 'connection', data: [connection] });
    socket.sendJson({ message: 'playStream', data: [{ mediaSessionId: 'm', name: 'cam', sdp: offer(), ...more }] });
    for (;;) {
      const { message, data } = Object(await socket.next());
      if (message === 'setRemoteSDP') return message;
      const { status, info, reason } = Object(data[0]);
      if (message === 'notifyStreamStatusEvent' && status === 'FAILED') return [info, reason.code];
    }
  };
  for (const [name, way] of Object.entries(ways)) {
    assert.equal(await play(...way), 'setRemoteSDP', name);
  }
  assert.deepEqual(await play('', {}, {}), ['Restricted access', 'viewer.tokenMissing']);
  // As the SDK gives back what a session was named by.
  const named = { authToken: '/127.0.0.1:00/127.0.0.1:8080' };
  assert.deepEqual(await play('', named, {}), ['Restricted access', 'viewer.tokenMissing']);
});

test('stills and posters are for a token of the stream, recordings for one that says so', async () => {
  const stage = await start();
  stage.streams.recordedFile = () => ({ path: '/nothing/there.mp4', part: somePart });
  const live = await tokenWith({ stream: 'cam' });
  const all = await tokenWith({ stream: 'c*', recordings: true });
  const other = await tokenWith({ stream: 'dog', recordings: true });
  // Not from this machine, which may do everything.
  const ask = async (path: string, token: string): Promise<number> =>
    (await stage.ask(`${path}?token=${token}`, { headers: { 'X-Forwarded-For': '192.0.2.1' } })).status;
  const statuses = async (path: string): Promise<readonly number[]> => [
    await ask(path, live),
    await ask(path, all),
    await ask(path, other),
    await ask(path, ''),
  ];
  assert.deepEqual(await statuses('/poster/cam'), [200, 200, 403, 401]);
  assert.deepEqual(await statuses('/api/streams/cam/snapshot.jpg'), [200, 200, 403, 401]);
  // The file that the test's stream names is not there.
  assert.deepEqual(await statuses(`/api/recordings/${somePart.partId}/file`), [403, 404, 403, 401]);
  assert.deepEqual(await statuses(`/api/recordings/${somePart.partId}/thumbnail.jpg`), [403, 404, 403, 401]);
  assert.equal(
    (await stage.ask('/poster/cam', { headers: { Authorization: `Bearer ${live}` } })).headers['cache-control'],
    'private, max-age=10',
  );
});

test('by tokens a client has a still a second, and who may read as many as it likes', async () => {
  const stage = await start();
  const still = `/api/streams/cam/snapshot.jpg?width=`;
  const token = await tokenWith({ stream: 'cam' });
  const statuses: number[] = [];
  for (let width = 100; width < 170; width += 1) {
    statuses.push((await stage.ask(`${still}${width}&token=${token}`)).status);
  }
  assert.deepEqual([statuses.indexOf(429) >= 60, statuses.at(-1)], [true, 429]);
  assert.equal((await stage.ask(`${still}99`)).status, 200);
});

test('while no tokens are asked for, stills are for those that the server has made, and playback is open', async () => {
  const stage = await start({});
  const made = (await stage.post('/api/tokens', { stream: 'cam', expiresInS: 60 })).json();
  assert.match(String(made.playPath), /^\/play\/cam\?token=eyJ/);
  const forwarded = { 'X-Forwarded-For': '192.0.2.1' };
  const still = `/api/streams/cam/snapshot.png?token=`;
  assert.equal((await stage.ask(`${still}${made.token}`, { headers: forwarded })).status, 200);
  assert.equal((await stage.ask(`${still}${await tokenWith({ stream: 'cam' })}`, { headers: forwarded })).status, 403);
  assert.equal((await post(stage, '/whep/cam')).status, 201);
  assert.equal((await stage.ask('/poster/cam')).status, 200);
});

test('a token that REST makes plays what it was made for', async () => {
  const stage = await start();
  const made = (await stage.post('/api/tokens', { stream: ['cam', 'x'], maxViewers: 1, subject: 'ann' })).json();
  assert.equal(made.playPath, null);
  assert.equal((await whep(stage, String(made.token))).status, 201);
  assert.equal((await whep(stage, String(made.token))).status, 429);
  const bad = await stage.post('/api/tokens', { stream: 'cam', expiresInS: 700_000 });
  assert.deepEqual([bad.status, codeOf(bad)], [400, 'request.invalid']);
});

test('secrets and tokens are neither logged nor shown', async () => {
  const stage = await start();
  const token = await tokenWith({ stream: 'cam', jti: 'shown' });
  await whep(stage, token);
  await whep(stage, `${token}x`);
  const shown = await Promise.all(
    ['/api/configuration', '/api/tokens', '/api/viewers', '/metrics'].map((path) => stage.ask(path)),
  );
  const texts = [...shown.map(({ body }) => body), JSON.stringify(stage.logged)].join('\n');
  for (const secret of [tokenSecret, token]) assert.equal(texts.includes(secret), false);
});
