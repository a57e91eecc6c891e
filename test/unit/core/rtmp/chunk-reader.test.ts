import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createChunkReader } from '../../../../src/core/rtmp/chunk-reader.js';
import type { Message } from '../../../../src/core/rtmp/message.js';
import { captures } from './chunk-cases.js';
import { bodyOf, chunk, cut } from './chunked.js';

const maxMessageBytes = 65_536;

const read = (pieces: readonly Uint8Array[]): Message[] => {
  const reader = createChunkReader({ maxMessageBytes });
  return pieces.flatMap((piece) => reader.push(piece));
};

const readHex = (hex: string): Message[] => read([Buffer.from(hex.replaceAll(' ', ''), 'hex')]);

/** As the tables below write them: chunk stream, type, stream, timestamp, body. */
const rows = (messages: readonly Message[]) =>
  messages.map(({ chunkStreamId, typeId, streamId, timestampMs, body }) => [
    chunkStreamId,
    typeId,
    streamId,
    timestampMs,
    Buffer.from(body).toString('hex'),
  ]);

for (const { what, hex, messages } of captures) {
  test(`the reader takes ${what}`, () => {
    assert.deepEqual(rows(readHex(hex)), messages);
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    assert.deepEqual(rows(read(cut(bytes, [1]))), messages, 'one byte at a time');
  });
}

test('a message split by 128 as in RTMP 1.0 5.3.2.2 comes whole', () => {
  const body = bodyOf(307, 1);
  const head = Buffer.from('040003e8000133095a290000', 'hex');
  const bytes = Buffer.concat([head, body.subarray(0, 128), Buffer.of(0xc4), body.subarray(128, 256)]);
  const rest = Buffer.concat([Buffer.of(0xc4), body.subarray(256)]);
  const reader = createChunkReader({ maxMessageBytes });
  assert.deepEqual(reader.push(bytes), []);
  assert.deepEqual(reader.push(rest), [
    { typeId: 9, streamId: 10_586, timestampMs: 1000, chunkStreamId: 4, body: new Uint8Array(body) },
  ]);
});

test('a header cut in two is not changed by the buffer that its first half was read from', () => {
  const reader = createChunkReader({ maxMessageBytes });
  const bytes = Buffer.from('030003e800000208', 'hex');
  assert.deepEqual(reader.push(bytes), []);
  bytes.fill(0);
  assert.deepEqual(rows(reader.push(Buffer.from('01000000af01', 'hex'))), [[3, 8, 1, 1000, 'af01']]);
});

test('a body does not change with the buffer that it was read from', () => {
  const bytes = Buffer.from('030003e800000208 01000000af01'.replaceAll(' ', ''), 'hex');
  const [message] = createChunkReader({ maxMessageBytes }).push(bytes);
  bytes.fill(0);
  assert.deepEqual(message?.body, Uint8Array.of(0xaf, 0x01));
});

const chunkStreamIds = [2, 3, 63, 64, 319, 320, 65_599] as const;
const timestamps = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constantFrom(0xfffffe, 0xffffff, 0xffffffff, 2 ** 31));
const messageLists = fc.array(
  fc.record(
    {
      chunkStreamId: fc.constantFrom(...chunkStreamIds),
      typeId: fc.constantFrom(8, 9, 20),
      streamId: fc.constantFrom(0, 1, 0xffffffff),
      timestampMs: timestamps,
      body: fc
        .tuple(fc.constantFrom(0, 1, 4, 127, 128, 129, 300), fc.nat(63))
        .map(([size, seed]) => bodyOf(size, seed)),
    },
    { noNullPrototype: true },
  ),
  { maxLength: 20 },
);
const options = fc.record({
  chunkSizeBytes: fc.constant(128),
  repeatExtended: fc.boolean(),
  choices: fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 }),
});
const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 500 })), { minLength: 1 });

test('any messages, header types, interleavings and cuts of the bytes give the messages back', () => {
  fc.assert(
    fc.property(messageLists, options, cuts, (messages, chunking, sizes) => {
      const chunked = chunk(messages, chunking);
      assert.deepEqual(read(cut(chunked.bytes, sizes)), chunked.messages);
    }),
    { numRuns: 1500 },
  );
});

test('any cut of any bytes gives the same messages up to the same error', () => {
  const outcome = (pieces: readonly Uint8Array[]) => {
    const reader = createChunkReader({ maxMessageBytes });
    const messages: Message[] = [];
    try {
      for (const piece of pieces) messages.push(...reader.push(piece));
    } catch (error) {
      return { messages: null, error: String(error) };
    }
    return { messages, error: null };
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), cuts, (bytes, sizes) => {
      const whole = outcome([bytes]);
      const pieces = outcome(cut(bytes, sizes));
      assert.deepEqual(pieces, whole);
    }),
    { numRuns: 2000 },
  );
});
