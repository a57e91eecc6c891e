import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { createFrameReader, maxFrameBytes, writeFrame } from '../../../../src/core/ice/framing.js';

test('any split of the stream gives the same packets', () => {
  const packets = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 10 });
  fc.assert(
    fc.property(packets, fc.integer({ min: 1, max: 50 }), (sent, stepBytes) => {
      const stream = Buffer.concat(sent.map(writeFrame));
      const reader = createFrameReader();
      const read: Buffer[] = [];
      for (let at = 0; at < stream.length; at += stepBytes)
        read.push(...reader.push(stream.subarray(at, at + stepBytes)));
      assert.deepEqual(
        read.map((one) => one.toString('hex')),
        sent.map((one) => Buffer.from(one).toString('hex')),
      );
    }),
  );
});

test('takes a packet of the greatest length, and refuses one of one byte more, and an empty one', () => {
  assert.equal(createFrameReader().push(writeFrame(Buffer.alloc(maxFrameBytes)))[0]?.length, maxFrameBytes);
  assert.throws(() => createFrameReader().push(writeFrame(Buffer.alloc(maxFrameBytes + 1)).subarray(0, 2)), WireError);
  assert.throws(() => createFrameReader().push(Buffer.from([0, 0])), WireError);
});
