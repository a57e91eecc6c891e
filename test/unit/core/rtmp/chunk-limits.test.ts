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

test('a message over the limit is read past, one at the limit is taken, and the next is read', () => {
  for (const [lengthBytes, taken] of [
    [1000, 2],
    [1001, 1],
    [0xffffff, 1],
  ] as const) {
    const small = createChunkReader({ maxMessageBytes: 1000 });
    small.push(controlMessage(1, encodeSetChunkSize(0xffffff)));
    const messages = [header(400, lengthBytes), new Uint8Array(lengthBytes), header(401, 0)].flatMap(small.push);
    assert.deepEqual([messages.length, small.skipped], [taken, 2 - taken], `${lengthBytes} bytes`);
  }
});

for (const size of [0, 0x80000000, 0xffffffff]) {
  test(`a chunk size of ${size} is passed over, and the one before holds`, () => {
    const willing = reader();
    willing.push(controlMessage(1, encodeSetChunkSize(size)));
    assert.equal(willing.push(Buffer.concat([header(400, 100), new Uint8Array(100)])).length, 1);
    assert.equal(willing.skipped, 1);
  });
}

test('a Set Chunk Size or Abort message without its four bytes is passed over', () => {
  for (const typeId of [1, 2]) {
    const willing = reader();
    for (const body of [new Uint8Array(0), Uint8Array.of(1, 2, 3)]) willing.push(controlMessage(typeId, body));
    assert.equal(willing.push(header(400, 0)).length, 1);
    assert.equal(willing.skipped, 2);
  }
});

test('a message that begins within another gives that up, whatever header says so', () => {
  const begun = `03 000000 0000c8 08 01000000 ${'00'.repeat(128)}`;
  for (const next of ['03 000000 000001 08 01000000 a1', '43 000000 000001 08 a1']) {
    const willing = reader();
    const messages = willing.push(hex(`${begun} ${next} ${begun} ${next}`));
    assert.deepEqual(
      messages.map(({ body }) => body.length),
      [1, 1],
    );
    assert.equal(willing.skipped, 2);
  }
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
    what: 'within a message what is no header of another',
    bytes: hex(`03 000000 0000c8 08 01000000 ${'00'.repeat(128)} 03 000000 0000c8 00 01000000`),
  },
]) {
  test(`${what} is an error`, () => {
    assert.throws(() => reader().push(bytes), WireError);
  });
}

test('unfinished messages together are bounded, and those that move on are read whatever was left half-way', () => {
  for (const pieceBytes of [4_000, 65_536, 50_000_000]) {
    const pushed = reader();
    const half = new Uint8Array(4_194_304);
    const push = (bytes: Uint8Array) => cut(bytes, [pieceBytes]).flatMap(pushed.push);
    push(controlMessage(1, encodeSetChunkSize(half.length)));
    const flooded = 12;
    for (let index = 0; index < flooded; index += 1) push(Buffer.concat([header(400 + index, maxMessageBytes), half]));
    const fits = maxHeldBytes(maxMessageBytes) / half.length;
    assert.equal(pushed.skipped, flooded - fits);
    assert.equal(push(Buffer.concat([header(500, half.length), half])).length, 1);
    // The second halves: what was given up is no message.
    const late = Array.from({ length: flooded }, (_, index) => index + 400 - 64);
    const ends = late.flatMap((id) => push(Buffer.concat([Uint8Array.of(0xc1, id & 255, id >> 8), half])));
    assert.ok(ends.length <= fits, `${ends.length} complete`);
  }
});

test('4,000 messages that never end leave room for one that does', () => {
  const patient = reader();
  const begun = new Uint8Array(128);
  for (let index = 0; index < 4000; index += 1)
    patient.push(Buffer.concat([header(1000 + index, maxMessageBytes), begun]));
  assert.equal(patient.push(Buffer.concat([header(400, 100), new Uint8Array(100)])).length, 1);
  assert.equal(patient.skipped, 4001 - maxHeldBytes(maxMessageBytes) / firstBodyBytes);
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
