import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createQuota } from '../../../../src/core/guard/quota.js';

test('each client has its part, and all together theirs', () => {
  const quota = createQuota({ max: 3, maxPerClient: 2 });
  const taken = ['a', 'a', 'a', 'b', 'c'].map((ip) => quota.take(ip));
  assert.deepEqual(taken, ['free', 'free', 'client', 'free', 'all']);
  quota.release('a');
  assert.deepEqual([quota.taken, quota.take('c')], [2, 'free']);
});

test('the addresses of one IPv6 network are one client', () => {
  const quota = createQuota({ max: 10, maxPerClient: 1 });
  assert.deepEqual([quota.take('2001:db8::1'), quota.take('2001:db8::2')], ['free', 'client']);
});

test('in any order of taking and giving back no limit is passed, and all comes back', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean()), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (sequence) => {
      const quota = createQuota({ max: 5, maxPerClient: 3 });
      const held = new Map<string, number>();
      for (const [ip, isTaking] of sequence) {
        const own = held.get(ip) ?? 0;
        if (isTaking && quota.take(ip) === 'free') held.set(ip, own + 1);
        else if (!isTaking && own > 0) {
          quota.release(ip);
          held.set(ip, own - 1);
        }
        assert.ok((held.get(ip) ?? 0) <= 3);
        assert.equal(
          quota.taken,
          [...held.values()].reduce((sum, count) => sum + count, 0),
        );
        assert.ok(quota.taken <= 5);
      }
    }),
  );
});
