import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import {
  encodeAck,
  encodePong,
  encodeSetBufferLength,
  encodeSetChunkSize,
  encodeWindowAckSize,
  type Message,
  messageTypes,
  parseSetPeerBandwidth,
  parseUserControl,
  parseWindowAckSize,
  splitAggregate,
  streamBegin,
} from '../../../../src/core/rtmp/message.js';

const message = (typeId: number, hex: string, timestampMs = 0): Message => ({
  typeId,
  streamId: 1,
  timestampMs,
  chunkStreamId: 2,
  body: Buffer.from(hex.replaceAll(' ', ''), 'hex'),
});
const userControl = (hex: string) => parseUserControl(message(messageTypes.userControl, hex));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

for (const [hex, event] of [
  ['0000 00000001', { kind: 'streamBegin', streamId: 1 }],
  ['0001 00000001', { kind: 'streamEof', streamId: 1 }],
  ['0002 00000001', { kind: 'streamDry', streamId: 1 }],
  ['0003 00000001 00000bb8', { kind: 'setBufferLength', streamId: 1, bufferMs: 3000 }],
  ['0004 00000001', { kind: 'streamIsRecorded', streamId: 1 }],
  ['0006 fffffffe', { kind: 'pingRequest', timestamp: 0xfffffffe }],
  ['0007 00000005', { kind: 'pingResponse', timestamp: 5 }],
  ['001f 00000001', { kind: 'other', eventType: 31 }],
  ['001a', { kind: 'other', eventType: 26 }],
] as const) {
  test(`the user control event ${hex} is ${event.kind}`, () => {
    assert.deepEqual(userControl(hex), event);
  });
}

test('control messages that are too short are WireErrors', () => {
  for (const hex of ['', '00', '0006', '0006 000000', '0003 00000001 0000']) {
    assert.throws(() => userControl(hex), WireError, hex);
  }
  assert.throws(() => parseWindowAckSize(message(5, '000000')), WireError);
  assert.throws(() => parseSetPeerBandwidth(message(6, '000000')), WireError);
});

test('the bodies that are written are those of RTMP 1.0 5.4 and 7.1.7', () => {
  assert.equal(toHex(encodeSetChunkSize(4096)), '00001000');
  assert.equal(toHex(encodeWindowAckSize(2_500_000)), '002625a0');
  assert.equal(toHex(encodeAck(0x1_0000_0005)), '00000005');
  assert.equal(toHex(encodeSetBufferLength(1, 3000)), '00030000000100000bb8');
  assert.equal(toHex(encodePong(0xfffffffe)), '0007fffffffe');
  assert.equal(toHex(streamBegin(1)), '000000000001');
});

test('window and bandwidth are unsigned, and a missing or unknown limit type asks for nothing', () => {
  assert.equal(parseWindowAckSize(message(5, 'ffffffff')), 0xffffffff);
  const bandwidth = (hex: string) => parseSetPeerBandwidth(message(6, hex));
  assert.deepEqual(bandwidth('ffffffff00'), { windowBytes: 0xffffffff, limit: 'hard' });
  assert.deepEqual(bandwidth('0000000101'), { windowBytes: 1, limit: 'soft' });
  assert.deepEqual(bandwidth('0000000102'), { windowBytes: 1, limit: 'dynamic' });
  assert.deepEqual(bandwidth('0000000109'), { windowBytes: 1, limit: 'dynamic' });
  assert.deepEqual(bandwidth('00000001'), { windowBytes: 1, limit: 'dynamic' });
});

const audioTag = '08 000002 0003e8 00 000000 af01 0000000d';
const videoTag = '09 000001 0003fc 00 000009 27 0000000c';
const aggregate = (hex: string, timestampMs = 0): readonly Message[] =>
  splitAggregate(message(messageTypes.aggregate, hex, timestampMs)).messages;
const summary = (messages: readonly Message[]) =>
  messages.map(({ typeId, streamId, timestampMs, body }) => [typeId, streamId, timestampMs, toHex(body)]);

test("an aggregate's messages take its stream, and its timestamp for the first (RTMP 1.0 7.1.6)", () => {
  assert.deepEqual(summary(aggregate(audioTag + videoTag, 50_000)), [
    [8, 1, 50_000, 'af01'],
    [9, 1, 50_020, '27'],
  ]);
});

test("an aggregate's timestamps wrap at 32 bits, and its tags have 32 bits", () => {
  const late = '09 000001 000004 01 000000 27 0000000c';
  const early = '09 000001 fffff4 00 000000 27 0000000c';
  assert.deepEqual(
    aggregate(early + late, 0xfffffff8).map(({ timestampMs }) => timestampMs),
    [0xfffffff8, 8],
  );
});

test('an aggregate without messages, and without the last back pointer, is taken', () => {
  assert.deepEqual(aggregate(''), []);
  assert.equal(aggregate(audioTag.slice(0, -8)).length, 1);
});

test('of an aggregate that is cut short, has bytes left over or nests, what can be read is taken', () => {
  for (const [hex, taken] of [
    [audioTag.slice(0, -12), 0],
    [`${audioTag}${audioTag.slice(0, -12)}`, 1],
    [`${audioTag}00`, 1],
    [`${audioTag.replace('08', '16')}${audioTag}`, 1],
  ] as const) {
    const split = splitAggregate(message(messageTypes.aggregate, hex));
    assert.deepEqual([split.messages.length, split.isWhole], [taken, false], hex);
  }
  assert.ok(splitAggregate(message(messageTypes.aggregate, audioTag)).isWhole);
});

test('only WireError leaves the parsers, on any bytes', () => {
  const parsers = [parseUserControl, parseWindowAckSize, parseSetPeerBandwidth, splitAggregate];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(...parsers), (body, parse) => {
      try {
        parse({ ...message(4, ''), body });
      } catch (error) {
        assert.ok(error instanceof WireError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
