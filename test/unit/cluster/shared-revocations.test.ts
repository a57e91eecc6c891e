/** Revoked tokens between a node and the registry. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryRegistry } from '../../../src/cluster/registry-memory.js';
import { createSharedRevocations } from '../../../src/cluster/shared-revocations.js';
import type { Revocation } from '../../../src/core/guard/passes.js';
import { SluiceError } from '../../../src/errors.js';

const nowS = () => 1000;
const one: Revocation = { id: 'one', untilS: 1600 };

test('a node that starts later, or missed it, learns of it when it reads; what the registry has lost is put back', async () => {
  const memory = createMemoryRegistry(() => 0, 1);
  const registry = memory.open();
  const first = createSharedRevocations({ registry, nowS });
  first.shared.join(
    () => [one, { id: 'over', untilS: 900 }],
    () => {},
  );
  first.read([]);
  const { revoked } = await memory.open().read();
  assert.deepEqual(revoked, [one]);

  const taken: Revocation[] = [];
  const later = createSharedRevocations({ registry: memory.open(), nowS });
  later.shared.join(
    () => taken,
    (revocations) => taken.push(...revocations),
  );
  later.read(revoked);
  assert.deepEqual(taken, [one]);
});

test('one that could not be put there while the registry was away is when it is read again', async () => {
  const put: string[] = [];
  let isAway = true;
  const registry = {
    onRevoked: () => {},
    async revoke({ id }: Revocation, forMs: number) {
      if (isAway) throw new SluiceError('registry.unreachable');
      put.push(`${id} for ${forMs} ms`);
    },
  };
  const { shared, read } = createSharedRevocations({ registry, nowS });
  shared.join(
    () => [one],
    () => {},
  );
  shared.revoked(one);
  isAway = false;
  read([]);
  assert.deepEqual(put, ['one for 600000 ms']);
  read([one]);
  assert.equal(put.length, 1);
});
