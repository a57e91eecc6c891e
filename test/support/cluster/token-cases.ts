/** What a registry is to do with playback tokens that are good for one time, or for so many viewers, whatever it is made of. */
import assert from 'node:assert/strict';
import { times } from '../../../src/core/cluster/member.js';
import { nodeRecord } from './records.js';
import type { RegistryCase } from './registry-cases.js';

const seats = (nodeId: string, viewers: number, most = 3) => ({ key: 'token', nodeId, viewers, most });

export const tokenCases: readonly RegistryCase[] = [
  {
    name: 'a token for one time is used at one node, until it would have ended',
    async run({ open, lapse }) {
      const [registry, other] = await Promise.all([open(), open()]);
      const asked = await Promise.all([registry, other, other].map((one) => one.useToken('token', times.leaseMs)));
      assert.equal(asked.filter((isFirst) => isFirst).length, 1);
      assert.equal(await registry.useToken('another', times.leaseMs), true);
      await lapse();
      assert.equal(await registry.useToken('token', times.leaseMs), true);
    },
  },
  {
    name: 'a token has so many viewers at all nodes together, each of which says how many it has',
    async run({ open }) {
      const [registry, other] = await Promise.all([open(), open()]);
      for (const nodeId of ['a', 'b']) await registry.announce(nodeRecord(nodeId));
      assert.equal(await registry.takeSeats(seats('a', 1)), true);
      assert.equal(await registry.takeSeats(seats('a', 1)), true, 'its answer was lost');
      assert.equal(await other.takeSeats(seats('b', 1)), true);
      assert.equal(await other.takeSeats(seats('b', 3)), false);
      assert.equal(await other.takeSeats(seats('b', 2)), true);
      assert.equal(await registry.takeSeats(seats('a', 2)), false);
      assert.equal(await registry.takeSeats({ ...seats('a', 3), key: 'another' }), true);
      await other.keepSeats('b', [seats('b', 0)]);
      assert.equal(await registry.takeSeats(seats('a', 3)), true);
      // Let in while the registry was away: more than there may be, and nobody else is let in.
      await other.keepSeats('b', [seats('b', 2), { ...seats('b', 1), key: 'another' }]);
      assert.equal(await registry.takeSeats(seats('a', 2)), false);
      await registry.keepSeats('a', []);
    },
  },
  {
    name: 'viewers of a node that is not heard of any more do not count',
    async run({ open, lapse }) {
      const registry = await open();
      for (const nodeId of ['a', 'b']) await registry.announce(nodeRecord(nodeId));
      assert.equal(await registry.takeSeats(seats('a', 3)), true);
      assert.equal(await registry.takeSeats(seats('b', 1)), false);
      await lapse();
      assert.equal(await registry.takeSeats(seats('b', 3)), true);
      await registry.announce(nodeRecord('b'));
      assert.equal(await registry.takeSeats(seats('a', 1)), false);
      await registry.keepSeats('b', [seats('b', 1)]);
      assert.equal(await registry.takeSeats(seats('a', 2)), true);
    },
  },
];
