import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFlightPacker } from '../../../../actors/transport/flight-packer.js';
import { readRecords } from '../../../../src/core/dtls/record.js';

/** A record of this content type, whose body begins with the type of a handshake message. */
function record(type: number, message: number, bodyBytes: number, epoch = 0): Buffer {
  const bytes = Buffer.alloc(13 + bodyBytes, message);
  bytes.set([type, 0xfe, 0xfd]);
  bytes.writeUInt16BE(epoch, 3);
  bytes.writeUInt16BE(bodyBytes, 11);
  return bytes;
}

const handshake = 22;
const [hello, cookie, certificate, keys, request, done] = [2, 3, 11, 12, 13, 14].map((message) =>
  record(handshake, message, message === 11 ? 400 : 90),
);
const [changeCipherSpec, finished] = [record(20, 1, 1), record(handshake, 2, 40, 1)];

function pack(...records: readonly (Buffer | undefined)[]): readonly (readonly number[])[] {
  const datagrams: Uint8Array[] = [];
  const take = createFlightPacker((datagram) => datagrams.push(datagram));
  for (const one of records) take(one ?? assert.fail());
  return datagrams.map((datagram) => {
    assert.ok(datagram.length <= 1200);
    return readRecords(datagram).map(({ body }) => body[0] ?? 0);
  });
}

test('the records of a flight go out in one datagram, with its last one', () => {
  assert.deepEqual(pack(hello, certificate, keys, request, done), [[2, 11, 12, 13, 14]]);
  assert.deepEqual(pack(changeCipherSpec, finished), [[1, 2]]);
});

test('what nothing follows goes out at once, and what is encrypted says nothing of what follows', () => {
  assert.deepEqual(pack(cookie), [[3]]);
  assert.deepEqual(pack(finished, record(21, 1, 26, 1)), [[2], [1]]);
});

test('a flight that does not fit into a datagram goes out in several, in order', () => {
  const large = record(handshake, 11, 1100);
  assert.deepEqual(pack(hello, large, keys, request, done), [[2], [11], [12, 13, 14]]);
});
