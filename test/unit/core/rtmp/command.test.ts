import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeAmf0 } from '../../../../src/core/amf/amf0.js';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { decodeCommand, decodeData, encodeCommand } from '../../../../src/core/rtmp/command.js';
import { messageTypes } from '../../../../src/core/rtmp/message.js';

const message = (typeId: number, body: Uint8Array) => ({
  typeId,
  streamId: 0,
  timestampMs: 0,
  chunkStreamId: 3,
  body,
});
const formatted = (body: Uint8Array): Uint8Array => Uint8Array.of(0, ...body);
const command = (typeId: number, body: Uint8Array) => decodeCommand(message(typeId, body));
const data = (typeId: number, body: Uint8Array) => decodeData(message(typeId, body));

test('a command is a name, a transaction and arguments', () => {
  const info = { level: 'status', code: 'NetStream.Play.Start' };
  const decoded = command(messageTypes.commandAmf0, encodeCommand('onStatus', 0, null, info));
  assert.equal(decoded.name, 'onStatus');
  assert.equal(decoded.transactionId, 0);
  assert.deepEqual({ ...decoded.args }, { 0: null, 1: Object.assign(Object.create(null), info) });
});

test('a command without a transaction has none, as those of some servers', () => {
  assert.deepEqual(command(messageTypes.commandAmf0, encodeAmf0('onBWDone')), {
    name: 'onBWDone',
    transactionId: 0,
    args: [],
  });
});

test('a command of AMF3 type is AMF0 after a format byte, which some peers leave out', () => {
  const body = encodeCommand('_result', 1, null, 5);
  const expected = { name: '_result', transactionId: 1, args: [null, 5] };
  assert.deepEqual(command(messageTypes.commandAmf3, formatted(body)), expected);
  assert.deepEqual(command(messageTypes.commandAmf3, body), expected);
});

test('a command of AMF3 type may switch to AMF3 in its arguments', () => {
  const info = Buffer.from('110a0b0109636f646506035801', 'hex');
  const body = Buffer.concat([Buffer.of(0), encodeCommand('onStatus', 0, null), info]);
  assert.deepEqual(command(messageTypes.commandAmf3, body), {
    name: 'onStatus',
    transactionId: 0,
    args: [null, Object.assign(Object.create(null), { code: 'X' })],
  });
});

for (const [what, body] of [
  ['nothing', new Uint8Array(0)],
  ['a number for a name', encodeAmf0(5, 1)],
  ['an object for a name', encodeAmf0({ split: 'x' }, 1)],
  ['false for a name', encodeAmf0(false, 1)],
] as const) {
  test(`a command with ${what} is a WireError`, () => {
    assert.throws(() => command(messageTypes.commandAmf0, body), WireError);
  });
}

test('what stands in the place of a transaction is an argument', () => {
  for (const value of ['1', null, true]) {
    const read = command(messageTypes.commandAmf0, encodeAmf0('onStatus', value, 2));
    assert.deepEqual(read, { name: 'onStatus', transactionId: 0, args: [value, 2] });
  }
});

test('bytes behind a command that are no AMF are passed over', () => {
  const body = Uint8Array.of(...encodeAmf0('_result', 1, null), 0xff, 0xfe);
  assert.deepEqual(command(messageTypes.commandAmf0, body), { name: '_result', transactionId: 1, args: [null] });
});

test('data is a name and values, in AMF0 and behind the format byte of AMF3', () => {
  const expected = { name: 'onTextData', values: [1, 'a'] };
  const body = encodeAmf0('onTextData', 1, 'a');
  assert.deepEqual(data(messageTypes.dataAmf0, body), expected);
  assert.deepEqual(data(messageTypes.dataAmf3, formatted(body)), expected);
});

test('what a publisher sets is data under the name that it sets', () => {
  const body = encodeAmf0('@setDataFrame', 'onMetaData', 7);
  assert.deepEqual(data(messageTypes.dataAmf0, body), { name: 'onMetaData', values: [7] });
});

test('data without a name is a WireError', () => {
  for (const values of [[], [1], ['@setDataFrame'], ['@setDataFrame', null]]) {
    assert.throws(() => data(messageTypes.dataAmf0, encodeAmf0(...values)), WireError);
  }
});

test('only WireError leaves the parsers, on any bytes', () => {
  const types = fc.constantFrom(messageTypes.commandAmf0, messageTypes.commandAmf3, messageTypes.dataAmf3);
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.array(fc.nat(20)).map((list) => Uint8Array.from(list)),
  );
  fc.assert(
    fc.property(types, bodies, fc.constantFrom(decodeCommand, decodeData), (typeId, body, decode) => {
      try {
        decode(message(typeId, body));
      } catch (error) {
        assert.ok(error instanceof WireError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
