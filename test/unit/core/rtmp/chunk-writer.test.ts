import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createChunkReader } from '../../../../src/core/rtmp/chunk-reader.js';
import { createChunkWriter } from '../../../../src/core/rtmp/chunk-writer.js';
import { encodeSetChunkSize, messageTypes } from '../../../../src/core/rtmp/message.js';
import { bodyOf } from './chunked.js';

const writeHex = (chunkStreamId: number, timestampMs: number, lengthBytes: number): string => {
  const message = { typeId: 8, streamId: 0x01020304, timestampMs, chunkStreamId, body: new Uint8Array(lengthBytes) };
  return createChunkWriter()
    .write(message)
    .map((bytes) => Buffer.from(bytes).toString('hex'))
    .join('');
};

const zeros = (count: number): string => '00'.repeat(count);

for (const { what, chunkStreamId, timestampMs, lengthBytes, hex } of [
  {
    what: 'a short message',
    chunkStreamId: 3,
    timestampMs: 1,
    lengthBytes: 1,
    hex: '03000001000001080403020100',
  },
  {
    what: 'an empty message',
    chunkStreamId: 3,
    timestampMs: 1,
    lengthBytes: 0,
    hex: '030000010000000804030201',
  },
  {
    what: 'a message of one chunk and a byte',
    chunkStreamId: 63,
    timestampMs: 0,
    lengthBytes: 129,
    hex: `3f0000000000810804030201${zeros(128)}ff00`,
  },
  {
    what: 'a message of exactly two chunks',
    chunkStreamId: 64,
    timestampMs: 0,
    lengthBytes: 256,
    hex: `00000000000001000804030201${zeros(128)}c000${zeros(128)}`,
  },
  {
    what: 'an extended timestamp, repeated',
    chunkStreamId: 65_599,
    timestampMs: 0xffffff,
    lengthBytes: 129,
    hex: `01ffffffffff000081080403020100ffffff${zeros(128)}c1ffff00ffffff00`,
  },
]) {
  test(`the writer puts ${what} as RTMP 1.0 5.3.1 says`, () => {
    assert.equal(writeHex(chunkStreamId, timestampMs, lengthBytes), hex);
  });
}

test('the reader takes what the writer puts, also after a change of the chunk size', () => {
  const messages = fc.record(
    {
      typeId: fc.constantFrom(8, 9, 18, 20),
      streamId: fc.nat(0xffffffff),
      timestampMs: fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0xfffffe, 0xffffff, 0x1000000, 0xffffffff)),
      chunkStreamId: fc.constantFrom(2, 3, 63, 64, 319, 320, 65_599),
      body: fc.tuple(fc.nat(2000), fc.nat(63)).map(([length, seed]) => bodyOf(length, seed)),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(messages, { maxLength: 6 }), fc.integer({ min: 1, max: 5000 }), (list, chunkSizeBytes) => {
      const writer = createChunkWriter();
      const reader = createChunkReader({ maxMessageBytes: 65_536 });
      const size = { typeId: messageTypes.setChunkSize, body: encodeSetChunkSize(chunkSizeBytes) };
      const bytes = writer.write({ ...size, streamId: 0, timestampMs: 0, chunkStreamId: 2 });
      writer.setChunkSize(chunkSizeBytes);
      bytes.push(...list.flatMap((message) => writer.write(message)));
      assert.deepEqual(
        bytes.flatMap((part) => reader.push(part)),
        list,
      );
    }),
    { numRuns: 300 },
  );
});
