import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readMappedAddress, writeAddressRequest } from '../../../../src/core/ice/stun-client.js';
import { writeBindingSuccess } from '../../../../src/core/ice/stun-message.js';

const transactionId = Buffer.from('b7e7a701bc34d686fa87dfae', 'hex');
/** RFC 5769 2.2 and 2.3: SOFTWARE, then XOR-MAPPED-ADDRESS. */
const software = '8022000b7465737420766563746f7220';
const answerOf = (mapped: string): Buffer => {
  const body = Buffer.from(software + mapped, 'hex');
  const head = Buffer.from('010100002112a442b7e7a701bc34d686fa87dfae', 'hex');
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
};
const v4 = '002000080001a147e112a643';

test('a request is a bare binding request', () => {
  assert.equal(writeAddressRequest(transactionId).toString('hex'), '000100002112a442b7e7a701bc34d686fa87dfae');
});

test('reads the mapped addresses of RFC 5769, behind other attributes', () => {
  assert.deepEqual(readMappedAddress(answerOf(v4), transactionId), { address: '192.0.2.1', port: 32_853 });
  const v6 = answerOf('002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9');
  const address = '2001:db8:1234:5678:11:2233:4455:6677';
  assert.deepEqual(readMappedAddress(v6, transactionId), { address, port: 32_853 });
});

test('reads what our own agent answers', () => {
  const answer = writeBindingSuccess(transactionId, Uint8Array.of(203, 0, 113, 9), 31_000, 'password');
  assert.deepEqual(readMappedAddress(answer, transactionId), { address: '203.0.113.9', port: 31_000 });
});

test('what is none, belongs to another request, or is cut short, is no answer', () => {
  const good = answerOf(v4);
  assert.equal(readMappedAddress(good, Buffer.alloc(12)), null);
  assert.equal(readMappedAddress(Buffer.concat([Buffer.of(0, 1), good.subarray(2)]), transactionId), null);
  assert.equal(readMappedAddress(answerOf('002000080003a147e112a643'), transactionId), null);
  for (let end = 0; end < good.length; end += 1) {
    assert.equal(readMappedAddress(good.subarray(0, end), transactionId), null, String(end));
  }
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (tail) => {
      const address = readMappedAddress(Buffer.concat([answerOf('').subarray(0, 20), tail]), transactionId);
      assert.ok(address === null || (address.port >= 0 && address.port <= 65_535));
    }),
  );
});
