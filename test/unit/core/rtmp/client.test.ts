import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeAmf0 } from '../../../../src/core/amf/amf0.js';
import { decodeCommand } from '../../../../src/core/rtmp/command.js';
import { messageTypes } from '../../../../src/core/rtmp/message.js';
import { dialogues } from './server-dialogues.js';
import { created, dial, frame, playing, type Said, started, status, success } from './server-end.js';

test('connect says what players say, with the capabilities of Enhanced RTMP', () => {
  const [connect] = dial().commands();
  const fourCcs = ['avc1', 'hvc1', 'av01', 'vp09', 'Opus', 'ac-3', 'ec-3', 'fLaC', 'mp4a', '.mp3'];
  assert.equal(connect?.name, 'connect');
  assert.equal(connect?.transactionId, 1);
  assert.deepEqual(JSON.parse(JSON.stringify(connect?.args)), [
    {
      app: 'live',
      flashVer: 'LNX 9,0,124,2',
      tcUrl: 'rtmp://h/live',
      fpad: false,
      capabilities: 15,
      audioCodecs: 4071,
      videoCodecs: 252,
      videoFunction: 1,
      objectEncoding: 0,
      fourCcList: fourCcs,
      videoFourCcInfoMap: Object.fromEntries(fourCcs.slice(0, 4).map((fourCc) => [fourCc, 1])),
      audioFourCcInfoMap: Object.fromEntries(fourCcs.slice(4).map((fourCc) => [fourCc, 1])),
      capsEx: 15,
    },
  ]);
});

test('connect without Enhanced RTMP has none of its fields', () => {
  const [connect] = dial(undefined, { isEnhanced: false }).commands();
  assert.ok(!JSON.stringify(connect?.args).includes('ourCc'));
});

test('the dialogue is connect, window, createStream, buffer length, play, each when its answer came', () => {
  const peer = dial();
  const types = () =>
    peer.heard().map(({ typeId, body }) => (typeId === 20 ? decodeCommand({ ...blank, typeId, body }).name : typeId));
  const blank = { streamId: 0, timestampMs: 0, chunkStreamId: 3 };
  assert.deepEqual(types(), ['connect']);
  assert.equal(peer.client.waitingFor, 'connect');
  peer.say(success);
  assert.deepEqual(types(), [messageTypes.windowAckSize, 'createStream']);
  assert.equal(peer.client.waitingFor, 'createStream');
  peer.say(created);
  const [bufferLength, play] = peer.heard();
  assert.deepEqual([...(bufferLength?.body ?? [])], [0, 3, 0, 0, 0, 1, 0, 0, 3, 232]);
  assert.equal(play?.streamId, 1);
  assert.deepEqual(play && decodeCommand(play), { name: 'play', transactionId: 3, args: [null, 'cam?t=1', -2000] });
  assert.deepEqual(peer.events, []);
  peer.say(started);
  assert.deepEqual(peer.events, [{ kind: 'accepted' }]);
  assert.equal(peer.client.waitingFor, 'media');
});

for (const { name, said } of dialogues) {
  test(`${name} is played: accepted once, then media`, () => {
    const peer = dial();
    for (const answer of said) peer.say(...answer);
    const kinds = peer.events
      .filter((event) => event.kind !== 'media' || event.message.track !== 'data')
      .map(({ kind }) => kind);
    assert.deepEqual(kinds, ['accepted', 'media']);
  });
}

test('media comes out as it came, with its track and time, empty messages left out', () => {
  const peer = playing();
  const audio = Uint8Array.of(0xaf, 1, 9);
  peer.say(['audio', audio, 40], ['audio', new Uint8Array(0), 41], ['video', new Uint8Array(300).fill(5), 0xfffffff0]);
  assert.deepEqual(
    peer.events.map(
      (event) => event.kind === 'media' && [event.message.track, event.message.timestampMs, event.message.body.length],
    ),
    [
      ['audio', 40, 3],
      ['video', 0xfffffff0, 300],
    ],
  );
});

test('an aggregate message comes out as its parts, in time order', () => {
  const peer = playing();
  const tag = (typeId: number, ms: number, byte: number) => [typeId, 0, 0, 1, 0, 0, ms, 0, 0, 0, 0, byte, 0, 0, 0, 12];
  peer.say(['aggregate', Uint8Array.from([...tag(8, 10, 1), ...tag(9, 30, 2)]), 1000]);
  assert.deepEqual(
    peer.events.map(
      (event) => event.kind === 'media' && [event.message.track, event.message.timestampMs, [...event.message.body]],
    ),
    [
      ['audio', 1000, [1]],
      ['video', 1020, [2]],
    ],
  );
});

test('media before play is asked for is not taken', () => {
  const peer = dial();
  peer.say(frame(), success, frame());
  assert.deepEqual(peer.events, []);
});

test('FCSubscribe goes before createStream only where it is wanted, and a refusal of it harms nothing', () => {
  const plain = dial();
  plain.say(success);
  assert.deepEqual(
    plain.commands().map(({ name }) => name),
    ['connect', 'createStream'],
  );
  const peer = dial(undefined, { subscribes: true });
  peer.say(success);
  const [, subscribe, createStream] = peer.commands();
  assert.deepEqual([subscribe?.name, ...(subscribe?.args ?? [])], ['FCSubscribe', null, 'cam?t=1']);
  peer.say([
    'commandAmf0',
    ['_error', subscribe?.transactionId ?? 0, null, { level: 'error', code: 'NetConnection.Call.Failed' }],
  ]);
  peer.say(['commandAmf0', ['_result', createStream?.transactionId ?? 0, null, 1]], started);
  assert.deepEqual(peer.events, [{ kind: 'accepted' }]);
});

test('an edge that is still fetching the stream is played when onFCSubscribe says that it has it', () => {
  const peer = dial(undefined, { subscribes: true });
  peer.say(success, ['commandAmf0', ['_result', 2, null, undefined]], ['commandAmf0', ['_result', 3, null, 1]]);
  peer.heard();
  peer.say(status('NetStream.Play.StreamNotFound', 'error'));
  assert.deepEqual(peer.events, []);
  assert.equal(peer.client.lateness.reason, 'source.notFound');
  peer.say(['commandAmf0', ['onFCSubscribe', 0, null, { level: 'status', code: 'NetStream.Play.Start' }]]);
  assert.deepEqual(
    peer.commands().map(({ name }) => name),
    ['play'],
  );
  peer.say(started);
  assert.deepEqual(peer.events, [{ kind: 'accepted' }]);
});

test('an edge that does not find the stream ends the session', () => {
  const peer = dial(undefined, { subscribes: true });
  peer.say(success, [
    'commandAmf0',
    ['onFCSubscribe', 0, null, { level: 'error', code: 'NetStream.Play.StreamNotFound' }],
  ]);
  assert.deepEqual(
    peer.events.map((event) => event.kind === 'ended' && event.reason),
    ['source.notFound'],
  );
});

test('what is late has a name', () => {
  const peer = dial();
  assert.deepEqual(peer.client.lateness, { reason: 'source.timeout', detail: 'no answer to connect' });
});

test('closing deletes the stream that plays, and is silent before there is one', () => {
  assert.deepEqual(dial().client.close(), []);
  const peer = playing();
  peer.hear(peer.client.close());
  assert.deepEqual(peer.commands(), [{ name: 'deleteStream', transactionId: 0, args: [null, 1] }]);
});

test('an answer that is none ends the session', () => {
  const nameless = dial();
  nameless.say(success, ['commandAmf0', ['_result', 2, null, 'one']]);
  const [end] = nameless.events;
  assert.deepEqual(end?.kind === 'ended' && [end.reason, end.detail], [
    'source.protocol',
    'rtmp.client: createStream was answered without a stream',
  ]);
  assert.deepEqual(nameless.client.push(nameless.encode([frame()]), 0).events, []);
});

const oddAnswers: Readonly<Record<string, readonly Said[]>> = {
  'createStream answered with 0': [success, ['commandAmf0', ['_result', 2, null, 0]]],
  'createStream answered with a text': [success, ['commandAmf0', ['_result', 2, null, '1']]],
  'createStream answered without a command object': [success, ['commandAmf0', ['_result', 2, 1]]],
  'createStream answered without its number': [success, ['commandAmf0', ['_result', 0, null, 1]]],
  'a status without a number': [
    ['commandAmf0', encodeAmf0('onStatus', null, { level: 'status', code: 'NetConnection.Connect.Success' })],
    created,
  ],
  'commands that nobody can read before an answer': [
    ['commandAmf0', new Uint8Array(0)],
    ['commandAmf0', Uint8Array.of(0xff, 1, 2)],
    ['commandAmf0', encodeAmf0(1, 2)],
    success,
    created,
  ],
  'a stop before the stream has begun': [success, created, status('NetStream.Play.Stop')],
  'an answer with bytes behind it': [
    ['commandAmf0', Uint8Array.of(...encodeAmf0('_result', 1, null), 0xff, 0xfe)],
    created,
  ],
};
for (const [what, said] of Object.entries(oddAnswers)) {
  test(`${what} is understood`, () => {
    const peer = dial();
    peer.say(...said);
    assert.deepEqual(
      peer.commands().map(({ name }) => name),
      ['connect', 'createStream', 'play'],
    );
    peer.say(started);
    assert.deepEqual(peer.events, [{ kind: 'accepted' }]);
  });
}

const empty = new Uint8Array(0);
const unreadable: readonly (readonly [what: string, said: Said])[] = [
  ['an empty user control', ['userControl', empty]],
  ['a ping without its time', ['userControl', Uint8Array.of(0, 6)]],
  ['an empty window', ['windowAckSize', empty]],
  ['an empty bandwidth', ['setPeerBandwidth', empty]],
  ['an empty command', ['commandAmf0', empty]],
  ['a command that is no AMF', ['commandAmf3', Uint8Array.of(0, 0xff)]],
  ['an aggregate that is cut short', ['aggregate', Uint8Array.of(8, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1)]],
  ['the end of a recording that is cut short', ['dataAmf0', Buffer.from('\x02\x00\x0conPlayStatus\x03')]],
];
for (const [what, said] of unreadable) {
  test(`${what} is passed over and counted while the stream plays`, () => {
    const peer = playing();
    peer.say(said, frame(), said, frame(40));
    const frames = peer.events.filter((event) => event.kind === 'media' && event.message.track !== 'data');
    assert.deepEqual([frames.length, peer.client.skipped], [2, 2]);
    assert.equal(peer.client.waitingFor, 'media');
  });
}

test('a message beyond the limit is passed over, and the next is taken', () => {
  const peer = playing();
  peer.feed(Uint8Array.of(3, 0, 0, 0, 0x0f, 0x42, 0x41, 9, 0, 0, 0, 0));
  const tooLong = 1_000_001;
  for (let at = 0; at < tooLong; at += 128) {
    peer.feed(new Uint8Array(Math.min(128, tooLong - at)));
    if (at + 128 < tooLong) peer.feed(Uint8Array.of(0xc3));
  }
  peer.say(frame());
  assert.deepEqual([peer.events.map(({ kind }) => kind), peer.client.skipped], [['media'], 1]);
});

test('of 10,000 commands in a second some are decoded, and all frames are taken', () => {
  const peer = playing();
  const ping: Said = ['commandAmf0', ['ping', 0, null]];
  for (let n = 0; n < 1000; n += 1) peer.feed(peer.encode([...Array<Said>(10).fill(ping), frame(n)]), n);
  const pongs = peer.commands().filter(({ name }) => name === 'pong').length;
  assert.ok(pongs >= 50 && pongs <= 60, `${pongs}`);
  assert.equal(peer.events.length, 1000);
  assert.equal(peer.client.skipped, 10_000 - pongs);
});

test('what came before the bytes that break the protocol counts, also when it came with them', () => {
  const broken = Uint8Array.of(0xc9, 0xc9);
  const peer = playing();
  peer.feed(Buffer.concat([peer.encode([frame(), frame(40)]), broken]));
  assert.deepEqual(
    peer.events.map(({ kind }) => kind),
    ['media', 'media', 'ended'],
  );
  const gone = playing();
  gone.feed(Buffer.concat([gone.encode([status('NetStream.Play.UnpublishNotify')]), broken]));
  assert.deepEqual(
    gone.events.map((event) => event.kind === 'ended' && event.reason),
    ['source.ended'],
  );
});

test('however the bytes are cut, the same is sent and the same comes out', () => {
  const { said } = dialogues[1] ?? assert.fail();
  const run = (cut: (bytes: Uint8Array) => Uint8Array[]) => {
    const peer = dial();
    for (const answer of said) for (const piece of cut(peer.encode(answer))) peer.feed(piece);
    return { events: peer.events, commands: peer.commands() };
  };
  const whole = run((bytes) => [bytes]);
  assert.ok(whole.events.length >= 3 && whole.commands.length >= 4);
  const slices = (sizes: readonly number[]) => (bytes: Uint8Array) => {
    const pieces: Uint8Array[] = [];
    for (let at = 0, next = 0; at < bytes.length; next += 1) {
      const end = at + (sizes[next % sizes.length] ?? 1);
      pieces.push(bytes.subarray(at, end));
      at = end;
    }
    return pieces;
  };
  assert.deepEqual(run(slices([1])), whole);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 }), (sizes) => {
      assert.deepEqual(run(slices(sizes)), whole);
    }),
    { numRuns: 100 },
  );
});

test('whatever the bytes after the handshake, nothing is thrown', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), (pieces) => {
      const peer = dial();
      peer.say(success, created);
      for (const piece of pieces) peer.feed(piece);
    }),
    { numRuns: 500 },
  );
});
