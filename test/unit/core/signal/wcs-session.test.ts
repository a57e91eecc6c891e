import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { WcsInput, WcsOutput } from '../../../../src/core/signal/wcs-contract.js';
import { createWcsSession } from '../../../../src/core/signal/wcs-session.js';

const sdp = readFileSync('test/fixtures/offers/chromium-156.sdp', 'utf8');
const media = { video: { codec: 'H264', width: 1280, height: 720 }, audio: {} };

interface Opened {
  /** From now on it is this late. */
  at(ms: number): Opened;
  step(input: WcsInput): readonly string[];
  say(message: string, ...data: readonly unknown[]): readonly string[];
  play(mediaSessionId?: string, more?: object): readonly string[];
  answer(play: number): readonly string[];
}

/** A session with a clock of its own; what comes out of it is put in words. */
function open({ established = true } = {}): Opened {
  const session = createWcsSession({ authToken: '/a/b', startTimeoutMs: 10_000 }, 0);
  let nowMs = 0;
  const step = (input: WcsInput): readonly string[] => session.step(input, nowMs).flatMap(inWords);
  const say: Opened['say'] = (message, ...data) => step({ kind: 'text', text: JSON.stringify({ message, data }) });
  const opened: Opened = {
    step,
    say,
    at(ms) {
      nowMs = ms;
      return opened;
    },
    play: (mediaSessionId = 'm', more = {}) =>
      say('playStream', { mediaSessionId, name: 'cam', mediaProvider: 'WebRTC', sdp, ...more }),
    answer: (play) => step({ kind: 'view.answered', play, viewerId: `viewer${play}`, answerSdp: 'v=0', media }),
  };
  if (established) opened.say('connection', { appKey: 'defaultApp' });
  return opened;
}

function inWords(output: WcsOutput): readonly string[] {
  switch (output.kind) {
    case 'send': {
      const [first] = output.frame.data;
      if (typeof first !== 'object' || first === null || !('status' in first)) return [output.frame.message];
      const info = 'info' in first ? ` ${first.info}` : '';
      return [`${output.frame.message} ${first.status}${info}`];
    }
    case 'close':
      return [`close ${output.code} ${output.reason}`];
    case 'view':
      return [`view ${output.play} ${output.name}`];
    case 'leave':
      return [`leave ${output.viewerId}`];
    case 'find':
      return [`find ${output.name}`];
    case 'log':
      return [];
  }
}

const status = (words: string): string => `notifyStreamStatusEvent ${words}`;

test('connection is answered with the user data, which repeats the client and offers WebRTC only', () => {
  const session = createWcsSession({ authToken: '/a/b', startTimeoutMs: 10_000 }, 0);
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
    mediaProviders: ['WebRTC'],
    authToken: '/a/b',
    status: 'ESTABLISHED',
    useWsTunnel: false,
    useWsTunnelPacketization2: false,
    useBase64BinaryEncoding: false,
  };
  const [output] = session.step({ kind: 'text', text }, 0);
  assert.deepEqual(output, { kind: 'send', frame: { message: 'getUserData', data: [data] } });
});

test('a play goes PENDING, answer, PLAYING with its size, STOPPED', () => {
  const session = open();
  assert.deepEqual(session.play(), [status('PENDING'), 'view 1 cam']);
  assert.deepEqual(session.answer(1), ['setRemoteSDP']);
  const playing = [status('PLAYING'), 'notifyVideoFormat RESIZE', 'notifyStreamEvent'];
  assert.deepEqual(session.step({ kind: 'view.connected', play: 1 }), playing);
  assert.deepEqual(session.step({ kind: 'view.connected', play: 1 }), []);
  const stopped = ['leave viewer1', status('STOPPED Stopped by user')];
  assert.deepEqual(session.say('stopStream', { mediaSessionId: 'm' }), stopped);
  assert.deepEqual(session.say('stopStream', { mediaSessionId: 'm' }), []);
});

test('a connection that is told of before the answer makes PLAYING follow the answer', () => {
  const session = open();
  session.play();
  assert.deepEqual(session.step({ kind: 'view.connected', play: 1 }), []);
  assert.deepEqual(session.answer(1).slice(0, 2), ['setRemoteSDP', status('PLAYING')]);
});

test('a failed view is FAILED with the word of its row, and its mediaSessionId is free again', () => {
  const session = open();
  session.play();
  const failed = session.step({ kind: 'view.failed', play: 1, code: 'stream.notFound' });
  assert.deepEqual(failed, [status('FAILED Stream not found')]);
  assert.deepEqual(session.play(), [status('PENDING'), 'view 2 cam']);
});

test('late news of an earlier play never meets the later one under the same mediaSessionId', () => {
  const session = open();
  session.play();
  session.say('stopStream', { mediaSessionId: 'm' });
  session.play();
  assert.deepEqual(session.step({ kind: 'view.connected', play: 1 }), []);
  assert.deepEqual(session.step({ kind: 'view.ended', play: 1, code: 'stream.failed' }), []);
  assert.deepEqual(session.answer(1), ['leave viewer1']);
  assert.deepEqual(session.answer(2), ['setRemoteSDP']);
});

test('a play that is not answered in time is FAILED, and its late answer let go', () => {
  const session = open();
  session.play();
  assert.deepEqual(session.at(9999).step({ kind: 'tick' }), ['ping']);
  const failed = [status('FAILED Publish stream is not ready')];
  assert.deepEqual(session.at(10_000).step({ kind: 'tick' }).slice(0, 1), failed);
  assert.deepEqual(session.answer(1), ['leave viewer1']);
});

test('a play that is answered and never connects is FAILED and let go', () => {
  const session = open();
  session.play();
  session.answer(1);
  const failed = ['leave viewer1', status('FAILED Failed by ICE timeout')];
  assert.deepEqual(session.at(10_000).step({ kind: 'tick' }).slice(0, 2), failed);
});

test('a play that plays is never failed by time', () => {
  const session = open();
  session.play();
  session.answer(1);
  session.step({ kind: 'view.connected', play: 1 });
  assert.deepEqual(session.at(3_600_000).step({ kind: 'tick' }), ['ping']);
});

test('terminated by REST is STOPPED, any other end FAILED with its word', () => {
  const session = open();
  session.play();
  session.answer(1);
  const stopped = [status('STOPPED Stopped by rest /terminate')];
  assert.deepEqual(session.step({ kind: 'view.ended', play: 1, code: null }), stopped);
  session.play();
  session.answer(2);
  const failed = [status('FAILED Failed by DTLS error')];
  assert.deepEqual(session.step({ kind: 'view.ended', play: 2, code: 'viewer.dtls' }), failed);
});

const refusals = [
  ['without a mediaSessionId', { mediaSessionId: '' }, 'MediaSessionId is null'],
  ['with a mediaSessionId that is no string', { mediaSessionId: { toString: 1 } }, 'MediaSessionId is null'],
  ['with an endless mediaSessionId', { mediaSessionId: 'm'.repeat(129) }, 'MediaSessionId is null'],
  ['without a name', { name: '' }, 'Bad URI'],
  ['with an endless name', { name: 'n'.repeat(2049) }, 'Bad URI'],
  ['over MSE', { mediaProvider: 'MSE' }, 'No common codecs'],
  ['with SDP that cannot be read', { sdp: 'no SDP' }, 'Failed by error'],
] as const;
for (const [what, more, info] of refusals) {
  test(`a play ${what} is FAILED "${info}"`, () => {
    assert.deepEqual(open().play('m', more), [status(`FAILED ${info}`)]);
  });
}

test('a second play under a mediaSessionId in use is refused, and the first plays on', () => {
  const session = open();
  session.play();
  assert.deepEqual(session.play(), [status('FAILED MediaSessionId is already in use')]);
  assert.deepEqual(session.answer(1), ['setRemoteSDP']);
});

test('mediaSessionIds that name properties of objects are keys like any other', () => {
  const session = open();
  for (const [n, id] of ['__proto__', 'constructor', 'toString'].entries()) {
    assert.deepEqual(session.say('stopStream', { mediaSessionId: id }), []);
    assert.deepEqual(session.play(id), [status('PENDING'), `view ${n + 1} cam`]);
  }
});

test('a session plays sixteen streams and no more', () => {
  const session = open();
  for (let n = 0; n < 16; n += 1) assert.equal(session.play(`m${n}`).length, 2);
  assert.deepEqual(session.play('m16'), [status('FAILED Failed by error')]);
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
  ['cam', 'PROCESSED_REMOTE', 'availableStream true'],
  ['cam', 'PENDING', 'availableStream false Publish stream is not ready'],
  ['cam', null, 'availableStream false Stream not found'],
  ['rtmp://source.example/live/cam', null, 'availableStream true'],
] as const;
for (const [name, state, expected] of availabilities) {
  test(`availableStream of ${name} while it is ${state ?? 'not pulled'}: ${expected}`, () => {
    const session = open();
    assert.deepEqual(session.say('availableStream', { mediaSessionId: 'm', name }), [`find ${name}`]);
    assert.deepEqual(session.step({ kind: 'found', mediaSessionId: 'm', name, state }), [expected]);
  });
}

test('data is accepted, a publisher refused, and what we do not know ignored', () => {
  const session = open();
  assert.deepEqual(session.say('sendData', { operationId: 'o', payload: {} }), ['DataStatusEvent ACCEPTED']);
  assert.deepEqual(session.say('publishStream', { mediaSessionId: 'm', name: 'x' }), [
    status('FAILED Restricted access'),
  ]);
  assert.deepEqual(session.say('pushLogs', { logs: '' }), []);
  assert.deepEqual(session.step({ kind: 'binary' }), []);
});

test('ten frames that cannot be read close the session', () => {
  const session = open();
  for (const text of ['', '{', '7', 'null', '[]', '{}', '{"message":7}', '{"message":"ping","data":7}', '"x"']) {
    assert.deepEqual(session.step({ kind: 'text', text }), []);
  }
  assert.deepEqual(session.step({ kind: 'text', text: '{' }), ['close 1007 malformed frames']);
});

test('more than a hundred messages at once close the session', () => {
  const session = open();
  for (let n = 0; n < 99; n += 1) assert.deepEqual(session.say('ping', null), ['pong']);
  assert.deepEqual(session.say('ping', null), ['close 1008 too many messages']);
});

test('every frame that we send has a data array, without which the SDK throws', () => {
  const session = createWcsSession({ authToken: '/a/b', startTimeoutMs: 10_000 }, 0);
  const texts = ['connection', 'ping', 'playStream', 'availableStream', 'sendData', 'publishStream'];
  const outputs = texts.flatMap((message) => session.step({ kind: 'text', text: JSON.stringify({ message }) }, 0));
  const sent = [...outputs, ...session.step({ kind: 'tick' }, 5000)].filter((output) => output.kind === 'send');
  assert.equal(sent.length, 6);
  for (const { frame } of sent) assert.ok(Array.isArray(frame.data));
});

test('whatever a client sends in whatever order, the machine throws nothing and every viewer is let go in the end', () => {
  const id = fc.constantFrom('a', 'b', 'c');
  const say = (message: string) => id.map((mediaSessionId) => ({ say: message, mediaSessionId }));
  const play = fc.integer({ min: 1, max: 6 });
  const moves = fc.oneof(
    say('playStream'),
    say('stopStream'),
    play.map((number) => ({ answer: number })),
    play.map((number) => ({ input: { kind: 'view.connected', play: number } as const })),
    play.map((number) => ({ input: { kind: 'view.ended', play: number, code: null } as const })),
    fc.constant({ input: { kind: 'tick' } as const }),
    fc.json().map((text) => ({ input: { kind: 'text', text } as const })),
    fc.constant({ input: { kind: 'closed' } as const }),
  );
  fc.assert(
    fc.property(fc.array(moves, { maxLength: 60 }), (sequence) => {
      const session = open();
      const present = new Set<string>();
      const asked = new Set<string>();
      const note = (words: readonly string[]): void => {
        for (const word of words) {
          if (word.startsWith('view ')) asked.add(word.split(' ')[1] ?? '');
          if (word.startsWith('leave ')) assert.ok(present.delete(word.slice(6)), `${word} twice, or never there`);
        }
      };
      for (const [n, move] of sequence.entries()) {
        session.at(n * 1000);
        if ('say' in move) note(session.say(move.say, { mediaSessionId: move.mediaSessionId, name: 'cam', sdp }));
        // The shell answers what it was asked for, once.
        else if ('answer' in move && asked.delete(String(move.answer))) {
          present.add(`viewer${move.answer}`);
          note(session.answer(move.answer));
        } else if ('input' in move) {
          if (move.input.kind === 'view.ended') present.delete(`viewer${move.input.play}`);
          note(session.step(move.input));
        }
      }
      note(session.step({ kind: 'closed' }));
      assert.deepEqual([...present], []);
    }),
  );
});
