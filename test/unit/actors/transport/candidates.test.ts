import assert from 'node:assert/strict';
import { test } from 'node:test';
import { candidatesOf } from '../../../../actors/transport/candidates.js';

test('candidates have distinct priorities within 31 bits, UDP before TCP, each list in its order', () => {
  const candidates = candidatesOf(['192.0.2.5', '198.51.100.5'], 31_000, ['udp', 'tcp']);
  assert.deepEqual(
    candidates.map(({ protocol, address }) => `${protocol} ${address}`),
    ['udp 192.0.2.5', 'udp 198.51.100.5', 'tcp 192.0.2.5', 'tcp 198.51.100.5'],
  );
  const priorities = candidates.map(({ priority }) => priority);
  assert.deepEqual(
    priorities,
    [...new Set(priorities)].sort((a, b) => b - a),
  );
  assert.ok(priorities.every((priority) => priority > 0 && priority < 2 ** 31));
  assert.equal(priorities[0], 2_130_706_431, 'as RFC 8445 5.1.2.1 computes it for one host address');
});
