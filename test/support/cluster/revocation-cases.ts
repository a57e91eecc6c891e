/** What a registry is to do with playback tokens that are revoked, whatever it is made of. */
import assert from 'node:assert/strict';
import type { RegistryChange } from '../../../src/core/cluster/records.js';
import type { Revocation } from '../../../src/core/guard/passes.js';
import { until } from '../until.js';
import type { RegistryCase } from './registry-cases.js';

export const revocationCases: readonly RegistryCase[] = [
  {
    name: 'a token that is revoked is told to all nodes, and read by those who come later, until it would have ended',
    async run({ open, lapse }) {
      const [registry, other] = await Promise.all([open(), open()]);
      const heard: Revocation[] = [];
      const changes: RegistryChange[] = [];
      other.onRevoked((revocation) => heard.push(revocation));
      other.onChange((change) => changes.push(change));
      const revocation = { id: 'token: one', untilS: 1_800_000_000 };
      await registry.revoke(revocation, 5000);
      await until('the other hears of it', () => heard.length === 1);
      assert.deepEqual([heard, changes], [[revocation], []]);
      assert.deepEqual((await (await open()).read()).revoked, [revocation]);
      await lapse();
      assert.deepEqual((await other.read()).revoked, []);
    },
  },
];
