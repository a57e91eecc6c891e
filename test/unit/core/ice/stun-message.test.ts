import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isAuthentic, readBindingRequest, writeBindingSuccess } from '../../../../src/core/ice/stun-message.js';

const bytes = (hex: string): Buffer => Buffer.from(hex.replace(/\s/g, ''), 'hex');

/** RFC 5769 2.1: username "evtj:h6vY", password "VOkJxbRl1RmTxUk/WvJxBt". */
const password = 'VOkJxbRl1RmTxUk/WvJxBt';
const sampleRequest = bytes(`
  0001 0058 2112a442 b7e7a701bc34d686fa87dfae
  8022 0010 5354554e2074657374 20636c69656e74
  0024 0004 6e0001ff
  8029 0008 932ff9b151263b36
  0006 0009 6576746a3a68367659 202020
  0008 0014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
  8028 0004 e57a3bcf`);

/** RFC 5769 2.2 and 2.3 carry SOFTWARE, which we do not send: only their mapped addresses are compared. */
const transactionId = bytes('b7e7a701bc34d686fa87dfae');

test('reads the sample request of RFC 5769 and finds it authentic', () => {
  const request = readBindingRequest(sampleRequest);
  assert.ok(request !== null);
  assert.equal(request.localUfrag, 'evtj');
  assert.equal(request.remoteUfrag, 'h6vY');
  assert.equal(request.priority, 0x6e0001ff);
  assert.equal(request.useCandidate, false);
  assert.deepEqual(Buffer.from(request.transactionId), transactionId);
  assert.equal(isAuthentic(sampleRequest, request, password), true);
  assert.equal(isAuthentic(sampleRequest, request, `${password}x`), false);
});

test('writes the mapped addresses of RFC 5769', () => {
  const v4 = writeBindingSuccess(transactionId, Uint8Array.of(192, 0, 2, 1), 32_853, password);
  assert.equal(v4.subarray(20, 32).toString('hex'), '002000080001a147e112a643');
  const v6 = writeBindingSuccess(transactionId, bytes('20010db8123456780011223344556677'), 32_853, password);
  assert.equal(v6.subarray(20, 44).toString('hex'), '002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9');
});

test('an answer is as long as its header says, and ends in integrity and fingerprint that a reader accepts', () => {
  const answer = writeBindingSuccess(transactionId, Uint8Array.of(127, 0, 0, 1), 5000, password);
  assert.equal(answer.readUInt16BE(0), 0x0101);
  assert.equal(answer.readUInt16BE(2), answer.length - 20);
  // The same bytes as a request with a user name pass the reader: integrity and fingerprint are made alike.
  assert.equal(answer.readUInt16BE(32), 0x0008);
  assert.equal(answer.readUInt16BE(56), 0x8028);
});

test('any bit changed in a request makes it unreadable or not authentic', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: sampleRequest.length * 8 - 1 }), (bit) => {
      const changed = Buffer.from(sampleRequest);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const request = readBindingRequest(changed);
      assert.ok(request === null || !isAuthentic(changed, request, password));
    }),
    { numRuns: 2000 },
  );
});

test('no bytes make the reader throw', () => {
  const header = fc.uint8Array({ minLength: 0, maxLength: 200 }).map((body) => {
    const message = Buffer.concat([sampleRequest.subarray(0, 20), body]);
    message.writeUInt16BE(body.length, 2);
    return message;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 600 }), header), (message) => {
      readBindingRequest(message);
    }),
    { numRuns: 5000 },
  );
});

const attributeOf = (type: number, value: Buffer): Buffer => {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(value.length, 2);
  return Buffer.concat([header, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
};

/** The sample with other bytes in front of its last attribute, and no right checksum any more. */
const withHeader = (type: number, body: Buffer): Buffer => {
  const header = Buffer.from(sampleRequest.subarray(0, 20));
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(body.length, 2);
  return Buffer.concat([header, body]);
};

for (const [name, message] of [
  ['nothing', Buffer.alloc(0)],
  ['a header alone', withHeader(1, Buffer.alloc(0))],
  ['a response', withHeader(0x0101, sampleRequest.subarray(20))],
  ['an indication', withHeader(0x0011, sampleRequest.subarray(20))],
  ['no FINGERPRINT', withHeader(1, sampleRequest.subarray(20, -8))],
  [
    'something behind FINGERPRINT',
    withHeader(1, Buffer.concat([sampleRequest.subarray(20), attributeOf(0x8022, Buffer.alloc(4))])),
  ],
  ['a length field that says less', Buffer.concat([sampleRequest, Buffer.alloc(4)])],
  ['an attribute that runs over the end', withHeader(1, Buffer.from([0, 6, 0xff, 0xff]))],
  ['more bytes than a check ever has', withHeader(1, Buffer.alloc(1400))],
] as const) {
  test(`reads ${name} as no request`, () => {
    assert.equal(readBindingRequest(message), null);
  });
}
