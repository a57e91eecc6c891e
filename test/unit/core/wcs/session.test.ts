import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WcsSession } from '../../../../src/core/wcs/session.js';
import { driveWcsSession as open, status } from '../../../support/server/wcs-driver.js';

test('connection is answered with the user data, which repeats the client and names what is served', () => {
  const session = new WcsSession(
    { authToken: '/a/b', startTimeoutMs: 10_000, maxPlays: 64, origin: '', hooks: null },
    0,
  );
  const connection = {
    appKey: 'defaultApp',
    mediaProviders: ['WebRTC', 'MSE'],
    clientVersion: '2.0',
    custom: { x: 1 },
  };
  const text = JSON.stringify({ message: 'connection', data: [connection] });
  const data = {
    appKey: 'defaultApp',
    clientVersion: '2.0',
    clientOSVersion: '',
    clientBrowserVersion: '',
    mediaProviders: ['WebRTC', 'MSE'],
    authToken: '/a/b',
    status: 'ESTABLISHED',
    useWsTunnel: false,
    useWsTunnelPacketization2: false,
    useBase64BinaryEncoding: false,
  };
  const [output] = session.step({ kind: 'text', text }, 0);
  assert.deepEqual(output, { kind: 'send', frame: { message: 'getUserData', data: [data] } });
});

test('before connection a play is FAILED, and a client that never says it is closed', () => {
  const session = open({ established: false });
  assert.deepEqual(session.play(), [status('FAILED Session not ready')]);
  assert.deepEqual(session.at(9999).step({ kind: 'tick' }), []);
  assert.deepEqual(session.at(10_000).step({ kind: 'tick' }), ['close 1008 no connection message']);
});

test('a ping goes every 5 s, and ten without a sign of life close the session and free its viewers', () => {
  const session = open();
  session.play();
  session.answer(1);
  session.step({ kind: 'view.connected', play: 1 });
  for (let n = 1; n <= 10; n += 1) {
    assert.deepEqual(session.at(n * 5000 - 1).step({ kind: 'tick' }), []);
    assert.deepEqual(session.at(n * 5000).step({ kind: 'tick' }), ['ping']);
  }
  const closed = ['close 1008 Terminated by keep-alive', 'leave viewer1'];
  assert.deepEqual(session.at(55_000).step({ kind: 'tick' }), closed);
  assert.deepEqual(session.at(60_000).step({ kind: 'tick' }), []);
});

test('a client that answers its pings is kept', () => {
  const session = open();
  for (let n = 1; n <= 100; n += 1) {
    assert.deepEqual(session.at(n * 5000).step({ kind: 'tick' }), ['ping']);
    assert.deepEqual(session.say('pong', null), []);
  }
});

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const tooMuch: Readonly<Record<string, string>> = {
  'thousands of levels': deep(200_000),
  'seventeen levels': deep(17),
  'thousands of values': `[${'[],'.repeat(300_000)}0]`,
  'thousands of names': `{${Array.from({ length: 600 }, (_, n) => `"${n}":0`).join()}}`,
  'long texts': `{"a":"${'x'.repeat(9000)}","b":"${'x'.repeat(9000)}"}`,
  'long names': `{"${'x'.repeat(20_000)}":0}`,
};
for (const [what, custom] of Object.entries(tooMuch)) {
  test(`custom of ${what} is neither kept nor passed on: a session is closed, a play fails`, () => {
    const connection = `{"message":"connection","data":[{"appKey":"defaultApp","custom":${custom}}]}`;
    const refused = open({ established: false });
    const [fail, close] = refused.step({ kind: 'text', text: connection });
    assert.deepEqual(
      [fail, close?.slice(0, 17)],
      [
        'fail FAILED custom or mediaProviders hold more than 512 values, 16 levels or 16,384 characters',
        'close 1008 custom',
      ],
    );
    const play = `{"message":"playStream","data":[{"mediaSessionId":"m","name":"cam","custom":${custom}}]}`;
    const [told] = open().step({ kind: 'text', text: play });
    assert.match(told ?? '', /FAILED custom or mediaProviders/);
  });
}

test('what a session keeps of its client is short, whatever that says', () => {
  const session = new WcsSession(
    { authToken: '/a/b', startTimeoutMs: 10_000, maxPlays: 64, origin: '', hooks: null },
    0,
  );
  const long = 'x'.repeat(200_000);
  const texts = { appKey: long, clientVersion: long, clientOSVersion: long, clientBrowserVersion: 'Mozilla/5.0' };
  const custom = { token: `a.${'b'.repeat(16_000)}.c`, user: { name: 'somebody', rights: ['all'] } };
  session.step({ kind: 'text', text: JSON.stringify({ message: 'connection', data: [{ ...texts, custom }] }) }, 0);
  assert.ok(JSON.stringify(session.connection).length < 20_000);
  assert.deepEqual(session.connection?.custom, custom);
  assert.deepEqual([session.connection?.appKey, session.connection?.clientBrowserVersion], ['', 'Mozilla/5.0']);
  assert.equal(session.token, '', 'it is longer than any that is verified');
});

test("the client's own ping is answered", () => {
  assert.deepEqual(open().say('ping', null), ['pong']);
});

test('a socket that closes frees every viewer, and says nothing more', () => {
  const session = open();
  session.play('a');
  session.play('b');
  session.answer(1);
  assert.deepEqual(session.step({ kind: 'closed' }), ['leave viewer1']);
  assert.deepEqual(session.answer(2), ['leave viewer2']);
  assert.deepEqual(session.play('c'), []);
  assert.deepEqual(session.step({ kind: 'view.ended', play: 1, code: null }), []);
});

const availabilities = [
  [null, 'availableStream true'],
  ['stream.notFound', 'availableStream false Stream not found'],
  ['stream.notLive', 'availableStream false Publish stream is not ready'],
  ['source.refused', 'availableStream false Failed to connect to origin stream'],
  ['request.invalid', 'availableStream false Bad URI'],
] as const;
for (const [code, expected] of availabilities) {
  test(`availableStream of what is ${code ?? 'live'}: ${expected}`, () => {
    const session = open();
    assert.deepEqual(session.say('availableStream', { mediaSessionId: 'm', name: 'cam' }), ['find cam']);
    assert.deepEqual(session.step({ kind: 'found', mediaSessionId: 'm', code }), [expected]);
  });
}

test('data is accepted, a publisher refused, and what we do not know ignored', () => {
  const session = open();
  assert.deepEqual(session.say('sendData', { operationId: 'o', payload: {} }), ['DataStatusEvent ACCEPTED']);
  assert.deepEqual(session.say('publishStream', { mediaSessionId: 'm', name: 'x' }), [
    status('FAILED Restricted access'),
  ]);
  assert.deepEqual(session.say('somethingNew', {}), []);
  assert.deepEqual(session.step({ kind: 'binary' }), []);
});

test('ten frames that cannot be read close the session', () => {
  const session = open();
  for (const text of ['', '{', '7', 'null', '[]', '{}', '{"message":7}', '{"message":"ping","data":7}', '"x"']) {
    assert.deepEqual(session.step({ kind: 'text', text }), []);
  }
  assert.deepEqual(session.step({ kind: 'text', text: '{' }), ['close 1007 malformed frames']);
});

test('a snapshot is asked for by the name of its stream, and is given, or refused with the reason', () => {
  const session = open();
  assert.deepEqual(session.say('snapshot', { mediaSessionId: 'm', name: 'cam' }), ['snapshot cam']);
  assert.deepEqual(session.frames({ kind: 'snapshot.taken', mediaSessionId: 'm', png: 'iVBORw0KGgo=' }), [
    {
      message: 'notifyStreamEvent',
      data: [{ mediaSessionId: 'm', type: 'snapshotCompleted', payload: { snapshot: 'iVBORw0KGgo=' } }],
    },
    {
      message: 'notifyStreamStatusEvent',
      data: [{ mediaSessionId: 'm', status: 'SNAPSHOT_COMPLETE', info: 'iVBORw0KGgo=' }],
    },
  ]);
  const [failed] = session.frames({ kind: 'snapshot.failed', mediaSessionId: 'm', code: 'stream.notFound' });
  assert.deepEqual(failed?.data, [
    { mediaSessionId: 'm', type: 'snapshotFailed', payload: { info: 'Stream not found' } },
  ]);
});

test('a bug report is taken, and debugging begins and ends in words alone', () => {
  const session = open();
  const report = { text: 'x'.repeat(900_000), type: 'no_media' };
  assert.deepEqual(session.say('submitBugReport', report), ['BugReportStatusEvent ACCEPTED']);
  assert.deepEqual(session.say('sessionDebug', { command: 'start' }), ['notifySessionDebugEvent STARTED']);
  assert.deepEqual(session.say('sessionDebug', { command: 'stop' }), ['notifySessionDebugEvent STOPPED']);
});

test('logs that the SDK pushes are dropped, thousands at once, and count for nothing else', () => {
  const session = open();
  for (let n = 0; n < 4000; n += 1) assert.deepEqual(session.say('pushLogs', { logs: 'a line' }), []);
  assert.deepEqual(session.say('ping', null), ['pong']);
  assert.deepEqual(session.say('pushLogs', { logs: 'a line' }), ['close 1008 too many messages']);
});

test('eight MiB of long frames at once are read, and no more', () => {
  const session = open();
  const report = { text: 'x'.repeat(1_000_000) };
  for (let n = 0; n < 8; n += 1)
    assert.deepEqual(session.say('submitBugReport', report), ['BugReportStatusEvent ACCEPTED']);
  assert.deepEqual(session.say('submitBugReport', report), ['close 1008 too many messages']);
});

test('more than 256 messages at once close the session', () => {
  const session = open();
  for (let n = 0; n < 255; n += 1) assert.deepEqual(session.say('ping', null), ['pong']);
  assert.deepEqual(session.say('ping', null), ['close 1008 too many messages']);
});

test('every frame that we send has a data array, without which the SDK throws', () => {
  const session = new WcsSession(
    { authToken: '/a/b', startTimeoutMs: 10_000, maxPlays: 64, origin: '', hooks: null },
    0,
  );
  const texts = ['connection', 'ping', 'playStream', 'availableStream', 'sendData', 'publishStream'];
  const outputs = texts.flatMap((message) => session.step({ kind: 'text', text: JSON.stringify({ message }) }, 0));
  const sent = [...outputs, ...session.step({ kind: 'tick' }, 5000)].filter((output) => output.kind === 'send');
  assert.equal(sent.length, 6);
  for (const { frame } of sent) assert.ok(Array.isArray(frame.data));
});
