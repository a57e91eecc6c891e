import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cannotDecode, noKeyRequests, requestKey } from '../../../../src/core/rtcp/key-requests.js';

const after = (timesMs: readonly number[]) => timesMs.reduce(requestKey, noKeyRequests);
const each = (everyMs: number, forMs: number): readonly number[] =>
  Array.from({ length: Math.floor(forMs / everyMs) + 1 }, (_, n) => n * everyMs);

test('who goes on asking for 10 s and loses nothing does not decode what it is sent', () => {
  assert.equal(cannotDecode(after(each(1000, 9000)), 9000, 0), false);
  assert.equal(cannotDecode(after(each(1000, 10_000)), 10_000, 0), true);
  assert.equal(cannotDecode(after(each(200, 10_000)), 10_000, 0.01), true);
});

test('losses explain requests, and so does a while without one', () => {
  assert.equal(cannotDecode(after(each(1000, 20_000)), 20_000, 0.1), false);
  assert.equal(cannotDecode(after(each(6000, 60_000)), 60_000, 0), false);
  assert.equal(cannotDecode(after(each(1000, 20_000)), 25_001, 0), false);
  assert.equal(cannotDecode(noKeyRequests, 0, 0), false);
  assert.equal(after(each(1000, 20_000)).count, 21);
});
