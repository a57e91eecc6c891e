import { test } from 'node:test';
import { createMemoryRegistry } from '../../../src/cluster/registry-memory.js';
import { times } from '../../../src/core/cluster/member.js';
import { registryCases } from '../../support/cluster/registry-cases.js';
import { revocationCases } from '../../support/cluster/revocation-cases.js';
import { tokenCases } from '../../support/cluster/token-cases.js';

for (const { name, run } of [...registryCases, ...revocationCases, ...tokenCases]) {
  test(name, async () => {
    let nowMs = 0;
    const registry = createMemoryRegistry(() => nowMs, 1_796_000_000_000);
    await run({
      open: async () => registry.open(),
      async lapse() {
        nowMs += times.leaseMs;
      },
      flush: async () => registry.flush(),
    });
  });
}
