import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createChunkReader } from '../../../../src/core/rtmp/chunk-reader.js';
import type { Message } from '../../../../src/core/rtmp/message.js';
import { bodyOf, chunk, cut } from './chunked.js';

const maxMessageBytes = 65_536;

const read = (pieces: readonly Uint8Array[]): Message[] => {
  const reader = createChunkReader({ maxMessageBytes });
  return pieces.flatMap((piece) => reader.push(piece));
};

const readHex = (hex: string): Message[] => read([Buffer.from(hex.replaceAll(' ', ''), 'hex')]);

/** As the tables below write them: chunk stream, type, stream, time-stamp, body. */
const rows = (messages: readonly Message[]) =>
  messages.map(({ chunkStreamId, typeId, streamId, timestampMs, body }) => [
    ...[chunkStreamId, typeId, streamId, timestampMs],
    Buffer.from(body).toString('hex'),
  ]);

type Row = readonly (number | string)[];
const captures: readonly { readonly what: string; readonly hex: string; readonly messages: readonly Row[] }[] = [
  {
    what: 'a full header (type 0)',
    hex: '03 0003e8 000002 08 01000000 af01',
    messages: [[3, 8, 1, 1000, 'af01']],
  },
  {
    what: 'type 1 with a distance, a length and a type, on the stream before',
    hex: '04 0003e8 000002 08 01000000 af01 44 000014 000001 09 27',
    messages: [
      [4, 8, 1, 1000, 'af01'],
      [4, 9, 1, 1020, '27'],
    ],
  },
  {
    what: 'type 2 with a distance alone',
    hex: '04 0003e8 000002 08 01000000 af01 84 000014 af02',
    messages: [
      [4, 8, 1, 1000, 'af01'],
      [4, 8, 1, 1020, 'af02'],
    ],
  },
  {
    what: 'type 3 that begins a message at the distance before, as the first example of RTMP 1.0 5.3.2.1',
    hex: '03 0003e8 000001 08 39300000 a1 83 000014 a2 c3 a3 c3 a4',
    messages: [
      [3, 8, 12345, 1000, 'a1'],
      [3, 8, 12345, 1020, 'a2'],
      [3, 8, 12345, 1040, 'a3'],
      [3, 8, 12345, 1060, 'a4'],
    ],
  },
  {
    what: 'type 3 right after type 0 at the distance that the time-stamp gives (RTMP 1.0 5.3.1.2.4)',
    hex: '03 000017 000001 08 01000000 a1 c3 a2',
    messages: [
      [3, 8, 1, 23, 'a1'],
      [3, 8, 1, 46, 'a2'],
    ],
  },
  {
    what: 'type 1 as the first header of a chunk stream, from 0',
    hex: '42 000005 000004 05 00000200',
    messages: [[2, 5, 0, 5, '00000200']],
  },
  {
    what: 'a basic header of two bytes',
    hex: '00 ff 0003e8 000001 08 01000000 a1 c0 ff a2',
    messages: [
      [319, 8, 1, 1000, 'a1'],
      [319, 8, 1, 2000, 'a2'],
    ],
  },
  {
    what: 'a basic header of three bytes, low byte first',
    hex: '01 ffff 000000 000001 08 01000000 a1 c1 ffff a2 01 0001 000000 000001 08 01000000 a3',
    messages: [
      [65_599, 8, 1, 0, 'a1'],
      [65_599, 8, 1, 0, 'a2'],
      [320, 8, 1, 0, 'a3'],
    ],
  },
  {
    what: 'a time-stamp of exactly 2^24-1 in the extended field',
    hex: '03 ffffff 000001 08 01000000 00ffffff a1',
    messages: [[3, 8, 1, 0xffffff, 'a1']],
  },
  {
    what: 'an extended time-stamp above 2^31 without a sign',
    hex: '03 ffffff 000001 08 01000000 fffffff0 a1 83 000014 a2',
    messages: [
      [3, 8, 1, 0xfffffff0, 'a1'],
      [3, 8, 1, 4, 'a2'],
    ],
  },
  {
    what: 'an extended distance, repeated by the type 3 that begins the next message',
    hex: '03 000000 000001 08 01000000 a1 83 ffffff 01000000 a2 c3 01000000 a3',
    messages: [
      [3, 8, 1, 0, 'a1'],
      [3, 8, 1, 0x1000000, 'a2'],
      [3, 8, 1, 0x2000000, 'a3'],
    ],
  },
  {
    what: 'an extended time-stamp not repeated by the type 3 that begins the next message',
    hex: '03 000000 000001 08 01000000 a1 83 ffffff 01000000 a2 c3 a3',
    messages: [
      [3, 8, 1, 0, 'a1'],
      [3, 8, 1, 0x1000000, 'a2'],
      [3, 8, 1, 0x2000000, 'a3'],
    ],
  },
  {
    what: "the next message's own time-stamp where the extended one would be repeated",
    hex: '03 000000 000001 08 01000000 a1 83 ffffff 01000000 a2 c3 02000000 a3',
    messages: [
      [3, 8, 1, 0, 'a1'],
      [3, 8, 1, 0x1000000, 'a2'],
      [3, 8, 1, 0x2000000, 'a3'],
    ],
  },
  {
    what: 'messages without a body',
    hex: '03 000005 000000 08 01000000 c3 43 000001 000001 09 a1',
    messages: [
      [3, 8, 1, 5, ''],
      [3, 8, 1, 10, ''],
      [3, 9, 1, 11, 'a1'],
    ],
  },
  {
    what: 'a smaller chunk size from the next chunk on',
    hex: '02 000000 000004 01 00000000 00000001 03 000000 000003 08 01000000 a1 c3 a2 c3 a3',
    messages: [[3, 8, 1, 0, 'a1a2a3']],
  },
  {
    what: 'a message split over type 1 and type 2 chunks that say the same',
    hex: '02 000000 000004 01 00000000 00000001 03 000007 000003 08 01000000 a1 43 000000 000003 08 a2 83 000000 a3',
    messages: [[3, 8, 1, 7, 'a1a2a3']],
  },
  {
    what: 'a message given up by Abort, and the next on that chunk stream',
    hex: '02 000000 000004 01 00000000 00000001 03 000007 000003 08 01000000 a1 02 000000 000004 02 00000000 00 c2 00 c2 00 c2 03 03 000008 000001 08 01000000 a2',
    messages: [[3, 8, 1, 8, 'a2']],
  },
  {
    what: 'an Abort of a chunk stream that does not exist',
    hex: '02 000000 000004 02 00000000 00000009 03 000008 000001 08 01000000 a2',
    messages: [[3, 8, 1, 8, 'a2']],
  },
];

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
