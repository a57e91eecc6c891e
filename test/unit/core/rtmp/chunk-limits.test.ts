/** What a peer can make the reader hold (docs/reliability.md F4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { createChunkReader } from '../../../../src/core/rtmp/chunk-reader.js';
import { createChunkWriter } from '../../../../src/core/rtmp/chunk-writer.js';
import { firstBodyBytes, maxChunkStreams, maxHeldBytes } from '../../../../src/core/rtmp/limits.js';
import { encodeSetChunkSize } from '../../../../src/core/rtmp/message.js';
import { appendToBody, createMessageBody } from '../../../../src/core/rtmp/message-body.js';
import { bodyOf, cut } from './chunked.js';

const maxMessageBytes = 8_388_608;
const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
const reader = () => createChunkReader({ maxMessageBytes });

/** The header of a message whose body never comes. */
const header = (chunkStreamId: number, lengthBytes: number): Uint8Array => {
  const out = Buffer.alloc(14);
  out[0] = 1;
  out.writeUInt16LE(chunkStreamId - 64, 1);
  out.writeUIntBE(lengthBytes, 6, 3);
  out[9] = 9;
  return out;
};

const controlMessage = (typeId: number, body: Uint8Array): Uint8Array => {
  const [bytes = new Uint8Array(0)] = createChunkWriter().write({
    typeId,
    streamId: 0,
    timestampMs: 0,
    chunkStreamId: 2,
    body,
  });
  return bytes;
};

test('a flood of chunk streams ends in WireError at the limit', () => {
  const flooded = reader();
  for (let index = 0; index < maxChunkStreams; index += 1) flooded.push(header(400 + index, 0));
  assert.throws(() => flooded.push(header(65_599, 0)), WireError);
});

test('a message over the limit is an error at its header, and one at the limit is taken', () => {
  const small = (lengthBytes: number) => createChunkReader({ maxMessageBytes: 1000 }).push(header(400, lengthBytes));
  assert.deepEqual(small(1000), []);
  assert.throws(() => small(1001), WireError);
});

for (const size of [0, 0x80000000, 0xffffffff]) {
  test(`a chunk size of ${size} is an error`, () => {
    assert.throws(() => reader().push(controlMessage(1, encodeSetChunkSize(size))), WireError);
  });
}

test('a Set Chunk Size or Abort message without its four bytes is an error', () => {
  for (const typeId of [1, 2]) assert.throws(() => reader().push(controlMessage(typeId, Uint8Array.of(1))), WireError);
});

test('a chunk size of 2^31-1 is taken, and allocates nothing by itself', () => {
  const willing = reader();
  const writer = createChunkWriter();
  willing.push(controlMessage(1, encodeSetChunkSize(0x7fffffff)));
  writer.setChunkSize(0x7fffffff);
  const body = bodyOf(300_000, 3);
  const message = { typeId: 9, streamId: 1, timestampMs: 40, chunkStreamId: 6, body };
  assert.deepEqual(
    writer.write(message).flatMap((bytes) => willing.push(bytes)),
    [message],
  );
});

for (const { what, bytes } of [
  { what: 'type 2 as the first of a chunk stream', bytes: hex('83 000000') },
  { what: 'type 3 as the first of a chunk stream', bytes: hex('c3') },
  {
    what: 'a new message within another',
    bytes: hex(`03 000000 0000c8 08 01000000 ${'00'.repeat(128)} 03 000000 0000c8 08 01000000`),
  },
  {
    what: 'another length within a message',
    bytes: hex(`03 000000 0000c8 08 01000000 ${'00'.repeat(128)} 43 000000 0000c9 08`),
  },
]) {
  test(`${what} is an error`, () => {
    assert.throws(() => reader().push(bytes), WireError);
  });
}

test('unfinished messages together are bounded, whatever the chunk streams and the cut of the bytes', () => {
  for (const pieceBytes of [4_000, 65_536, 50_000_000]) {
    const pushed = reader();
    let sentBytes = 0;
    const flood = () => {
      pushed.push(controlMessage(1, encodeSetChunkSize(4_194_304)));
      for (let index = 0; index < maxChunkStreams - 1; index += 1) {
        // Half of each message: none is ever complete.
        for (const piece of cut(Buffer.concat([header(400 + index, 8_388_608), new Uint8Array(4_194_304)]), [
          pieceBytes,
        ])) {
          pushed.push(piece);
          sentBytes += piece.length;
        }
      }
    };
    assert.throws(flood, WireError);
    const headersBytes = maxChunkStreams * 14;
    assert.ok(
      sentBytes <= maxHeldBytes(maxMessageBytes) + headersBytes,
      `${sentBytes} bytes taken in pieces of ${pieceBytes}`,
    );
  }
});

test('a body holds no more than 64 KiB or four times what has arrived, and half as much again while it grows', () => {
  const body = createMessageBody(maxMessageBytes);
  const piece = new Uint8Array(16_384);
  let previousBytes = body.room.length;
  assert.equal(previousBytes, firstBodyBytes);
  while (body.receivedBytes < body.lengthBytes) {
    appendToBody(body, piece, 0, piece.length);
    assert.ok(body.room.length <= Math.max(firstBodyBytes, 4 * body.receivedBytes));
    if (body.room.length > previousBytes) assert.ok(previousBytes <= body.room.length / 2);
    previousBytes = body.room.length;
  }
  assert.equal(body.room.length, maxMessageBytes);
});

test('what an Abort gives up counts no more', () => {
  const patient = reader();
  const half = new Uint8Array(4_194_304);
  patient.push(controlMessage(1, encodeSetChunkSize(half.length)));
  for (let round = 0; round < 20; round += 1) {
    patient.push(header(400, maxMessageBytes));
    patient.push(half);
    patient.push(controlMessage(2, encodeSetChunkSize(400)));
  }
  patient.push(header(400, half.length));
  assert.equal(patient.push(half).length, 1);
});

test('only WireError leaves the reader, on any bytes, also damaged ones', () => {
  const [audio = new Uint8Array(0)] = createChunkWriter().write({
    typeId: 9,
    streamId: 1,
    timestampMs: 0x1000000,
    chunkStreamId: 70,
    body: bodyOf(400, 1),
  });
  const damaged = fc
    .array(fc.tuple(fc.nat(audio.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 })
    .map((flips) => {
      const bytes = Uint8Array.from([...audio, ...audio, ...audio]);
      for (const [at, value] of flips) bytes[at] = value;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged), (bytes) => {
      try {
        reader().push(bytes);
      } catch (error) {
        assert.ok(error instanceof WireError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
