import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeBye } from '../../../../src/core/rtcp/bye.js';
import { parseRtcp } from '../../../../src/core/rtcp/compound.js';

test('BYE is a compound packet that begins with an empty receiver report', () => {
  const hex = Buffer.from(writeBye([0xdead_beef, 0x0102_0304])).toString('hex');
  assert.equal(hex, '80c90001deadbeef82cb0002deadbeef01020304');
});

test('all sources that it can name are read again; none, or one more, is refused', () => {
  const ssrcs = Array.from({ length: 31 }, (_, n) => n + 1);
  assert.deepEqual(parseRtcp(writeBye(ssrcs)), [
    { kind: 'receiverReport', blocks: [] },
    { kind: 'bye', ssrcs },
  ]);
  assert.throws(() => writeBye([]), RangeError);
  assert.throws(() => writeBye([...ssrcs, 32]), RangeError);
});
