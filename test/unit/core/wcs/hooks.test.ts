/** What REST hooks do to a session: table of WCS's documents, by a session that is driven. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HookAnswer } from '../../../../src/core/wcs/contract.js';
import { driveWcsSession, sdp, status } from '../../../support/server/wcs-driver.js';

const hooks = {
  nodeId: 'node',
  apps: new Map([
    ['defaultApp', true],
    ['open', false],
  ]),
  keepAliveMs: 10_000,
  keepAliveAppKeys: new Set(['defaultApp']),
};
const ok = (body: unknown = {}): HookAnswer => ({ status: 200, body, error: '' });
const forbidden: HookAnswer = { status: 403, body: undefined, error: '' };
const silent: HookAnswer = { status: null, body: undefined, error: 'no answer in 15000 ms' };
const config = (method: string, policy: object): HookAnswer => ok({ restClientConfig: { [method]: policy } });
const failing = (method: string): HookAnswer => config(method, { restOnError: 'FAIL' });

const open = () => driveWcsSession({ established: false, hooks });
type Session = ReturnType<typeof open>;
const answer = (session: Session, call: number, said: HookAnswer): readonly string[] =>
  session.step({ kind: 'hooked', call, answer: said });

/** Connected, with this answer to connect: its calls are 1 (connect) and 2 (ConnectionStatusEvent). */
function connected(said: HookAnswer = ok()): Session {
  const session = open();
  session.say('connection', { appKey: 'defaultApp' });
  answer(session, 1, said);
  return session;
}

test('connect is asked first, and the session is established when the back end has answered', () => {
  const session = open();
  assert.deepEqual(session.say('connection', { appKey: 'defaultApp' }), ['hook 1 defaultApp connect']);
  assert.deepEqual(session.play(), [status('FAILED Session not ready')]);
  assert.deepEqual(answer(session, 1, ok()), [
    'getUserData ESTABLISHED',
    'hook 2 defaultApp ConnectionStatusEvent ESTABLISHED',
  ]);
});

test('connect carries who the client is, its page, and its custom fields', () => {
  const session = open();
  const custom = { token: 'abc' };
  const connection = { appKey: 'defaultApp', clientVersion: '2.0', mediaProviders: ['WebRTC', 'MSE'], custom };
  const [body] = session.hooks({ kind: 'text', text: JSON.stringify({ message: 'connection', data: [connection] }) });
  assert.deepEqual(body, {
    nodeId: 'node',
    sessionId: '/a/b',
    appKey: 'defaultApp',
    clientVersion: '2.0',
    clientOSVersion: '',
    clientBrowserVersion: '',
    mediaProviders: ['WebRTC', 'MSE'],
    useWsTunnel: false,
    useWsTunnelPacketization2: false,
    useBase64BinaryEncoding: false,
    keepAlive: false,
    custom,
    origin: 'https://page.example',
  });
});

for (const [what, said] of [
  ['declines', forbidden],
  ['has an error', { ...forbidden, status: 500 }],
  ['does not answer', silent],
] as const) {
  test(`a back end that ${what} at connect makes the session fail and close`, () => {
    const session = open();
    session.say('connection', { appKey: 'defaultApp' });
    assert.deepEqual(answer(session, 1, said), ['fail FAILED Restricted access', 'close 1008 Restricted access']);
  });
}

test('an application that is not listed is refused, one without a back end is let in, and nobody changes his', () => {
  const closed = ['fail FAILED Restricted access', 'close 1008 Restricted access'];
  assert.deepEqual(open().say('connection', { appKey: 'other' }), closed);
  const session = open();
  assert.deepEqual(session.say('connection', { appKey: 'open' }), ['getUserData ESTABLISHED']);
  assert.deepEqual(session.play(), [status('PENDING'), 'view 1 cam']);
  assert.deepEqual(connected().say('connection', { appKey: 'open' }), []);
});

test('by default a play goes on at once, whatever the back end will say', () => {
  const session = connected();
  const [pending, event, hook, view] = session.play();
  assert.deepEqual([pending, event], [status('PENDING'), 'hook 3 defaultApp StreamStatusEvent PENDING']);
  assert.deepEqual([hook, view], ['hook 4 defaultApp playStream PENDING', 'view 1 cam']);
  assert.deepEqual(answer(session, 4, forbidden), []);
});

test('with restOnError FAIL a play waits for the back end, and is broken off by an error of any kind', () => {
  for (const said of [forbidden, silent]) {
    const session = connected(failing('playStream'));
    assert.deepEqual(session.play().at(-1), 'hook 4 defaultApp playStream PENDING');
    assert.deepEqual(answer(session, 4, said), [
      status('FAILED Restricted access'),
      'hook 5 defaultApp StreamStatusEvent FAILED',
    ]);
  }
  const allowed = connected(failing('playStream'));
  allowed.play();
  assert.deepEqual(answer(allowed, 4, ok()), ['view 1 cam']);
  const stopped = connected(failing('playStream'));
  stopped.play();
  stopped.say('stopStream', { mediaSessionId: 'm' });
  assert.deepEqual(answer(stopped, 4, ok()), []);
});

test('OVERWRITE lets the answer change the fields that it lists, and no others', () => {
  const session = connected(config('playStream', { restPolicy: 'OVERWRITE', restOverwrite: 'name, width' }));
  session.play('m', { name: 'alias' });
  const said = ok({ name: 'secret-name', width: 320, height: 180 });
  const [view] = session.outputs({ kind: 'hooked', call: 4, answer: said });
  assert.ok(view?.kind === 'view');
  assert.deepEqual([view.name, view.wish?.width, view.wish?.height], ['secret-name', 320, null]);
});

test('DISABLE calls nobody, in both spellings, and excluded fields stay here', () => {
  for (const restPolicy of ['DISABLE', 'DISABLED']) {
    const session = connected(config('playStream', { restPolicy, restOnError: 'FAIL' }));
    assert.equal(session.play().at(-1), 'view 1 cam');
  }
  const session = connected(config('playStream', { restExclude: 'sdp,custom' }));
  const text = JSON.stringify({ message: 'playStream', data: [{ mediaSessionId: 'm', name: 'cam', sdp }] });
  const [, body] = session.hooks({ kind: 'text', text });
  assert.deepEqual(['sdp' in Object(body), 'custom' in Object(body), Object(body).name], [false, false, 'cam']);
});

test('fields that the client must not get are left out of its event, but for those that the SDK needs', () => {
  const session = connected(config('StreamStatusEvent', { clientExclude: 'name,videoCodec,status' }));
  session.play();
  session.answer(1);
  const [event] = session.frames({ kind: 'view.connected', play: 1 });
  const { name, videoCodec, status: shown, mediaSessionId } = Object(event?.data[0]);
  assert.deepEqual([name, videoCodec, shown, mediaSessionId], [undefined, undefined, 'PLAYING', 'm']);
});

test('each status of a play is told, with WCS fields, up to the end of the session', () => {
  const session = connected();
  session.play();
  session.answer(1);
  const [playing] = session.hooks({ kind: 'view.connected', play: 1 });
  const { sessionId, mediaSessionId, published, mediaType, status: now, videoCodec, width } = Object(playing);
  assert.deepEqual([sessionId, mediaSessionId, published, mediaType], ['/a/b', 'm', false, 'play']);
  assert.deepEqual([now, videoCodec, width], ['PLAYING', 'H264', 1280]);
  assert.deepEqual(session.hooks({ kind: 'view.source', play: 1, lost: 'source.ended' }), []);
  const told = session.step({ kind: 'closed' });
  assert.deepEqual(told, [
    'leave viewer1',
    'hook 6 defaultApp StreamStatusEvent STOPPED',
    'hook 7 defaultApp ConnectionStatusEvent DISCONNECTED',
  ]);
});

test('a back end that fails an event warns the page and changes nothing', () => {
  const session = connected(failing('StreamStatusEvent'));
  session.play();
  const [warning] = session.frames({ kind: 'hooked', call: 3, answer: forbidden });
  assert.deepEqual(warning, {
    message: 'fail',
    data: [{ apiMethod: 'ErrorEvent', method: 'StreamStatusEvent', info: 'The back end answered 403' }],
  });
  assert.deepEqual(session.answer(1), ['setRemoteSDP']);
});

test('StreamKeepAliveEvent is asked each time for what plays; 403 stops it where restOnError is FAIL', () => {
  const playing = (said: HookAnswer): Session => {
    const session = connected(said);
    session.play();
    session.answer(1);
    session.step({ kind: 'view.connected', play: 1 });
    return session;
  };
  const keepAlive = (session: Session, ms: number): readonly string[] =>
    session
      .at(ms)
      .step({ kind: 'tick' })
      .filter((word) => word.includes('KeepAlive'));
  const stopped = playing(failing('StreamKeepAliveEvent'));
  assert.deepEqual(keepAlive(stopped, 9999), []);
  assert.deepEqual(keepAlive(stopped, 10_000), ['hook 6 defaultApp StreamKeepAliveEvent PLAYING']);
  assert.deepEqual(answer(stopped, 6, ok()), []);
  assert.deepEqual(keepAlive(stopped, 20_000), ['hook 7 defaultApp StreamKeepAliveEvent PLAYING']);
  assert.deepEqual(answer(stopped, 7, silent), [], 'a back end that is down stops nobody');
  keepAlive(stopped, 30_000);
  assert.deepEqual(answer(stopped, 8, forbidden).slice(0, 2), [
    'leave viewer1',
    status('FAILED Terminated by keep-alive'),
  ]);
  const logged = playing(ok());
  keepAlive(logged, 10_000);
  assert.deepEqual(answer(logged, 6, forbidden), []);
});

test('an odd answer to connect is a yes without a configuration', () => {
  for (const body of [
    undefined,
    null,
    7,
    'text',
    [],
    { restClientConfig: 7 },
    { restClientConfig: { playStream: [] } },
  ]) {
    assert.equal(connected(ok(body)).play().at(-1), 'view 1 cam');
  }
});
