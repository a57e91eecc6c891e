/** Nodes of several versions over one real Redis: who works together, and who is left out. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { protocol, spoken } from '../../../src/cluster/protocol.js';
import { startNode } from '../../support/cluster/node-stage.js';
import { nodeRecord, wantedStream } from '../../support/cluster/records.js';
import { type RedisServer, startRedisServer } from '../../support/cluster/redis-server.js';
import { until } from '../../support/until.js';

let server: RedisServer;
before(async () => {
  server = await startRedisServer();
});
after(() => server.stop());

for (const [what, other] of [
  ['of the version before', protocol - 1],
  ['of the next version', protocol + 1],
] as const) {
  test(`a node ${what} works together with this one: one owns what the other is asked for, and is followed`, async (t) => {
    const prefix = `test:${randomUUID()}`;
    const [own, theirs] = [await startNode(server, prefix), await startNode(server, prefix, { protocol: other })];
    const nodes = [own, theirs];
    t.after(() => Promise.all(nodes.map((one) => one.close())));
    await until('both know both', () => nodes.every(({ node }) => node.view.nodes.size === 2));
    await theirs.node.want(wantedStream('one'));
    const owner = await until('it is owned', () => nodes.find((one) => one.last('one')?.kind === 'own'));
    const [edge] = nodes.filter((one) => one !== owner);
    await until('the claim is known', () => edge?.node.view.claims.has('one'));
    assert.deepEqual(edge?.node.play('one'), { kind: 'here' });
    assert.equal(edge?.last('one')?.kind, 'follow');
    assert.ok(nodes.every(({ events }) => events.every(({ kind }) => kind !== 'refusedNode')));
  });
}

test('a node two versions ahead is left out, which is told once', async (t) => {
  const prefix = `test:${randomUUID()}`;
  const own = await startNode(server, prefix);
  const theirs = await startNode(server, prefix, { protocol: protocol + 2, name: 'stranger' });
  t.after(() => Promise.all([own.close(), theirs.close()]));
  const refused = () => own.events.filter(({ kind }) => kind === 'refusedNode');
  await until('it is refused', () => refused().length > 0);
  const { nodeId } = theirs.node;
  assert.deepEqual(refused(), [{ kind: 'refusedNode', nodeId, name: 'stranger', protocol: protocol + 2 }]);
  await own.node.want(wantedStream('one'));
  await until('this one owns what is wanted', () => own.last('one')?.kind === 'own');
  assert.equal(own.node.view.nodes.size, 1);
  assert.equal(refused().length, 1);
});

test('one version more or less is spoken, two are not', () => {
  const nodes = [-2, -1, 0, 1, 2].map((more) => nodeRecord(`${more}`, { protocol: protocol + more }));
  const refused: string[] = [];
  const view = { era: 'one', nodes, wanted: [], claims: [], edges: [], suspects: [], clockMs: 0 };
  const heard = spoken({ kind: 'view', view, askedAtMs: 0 }, ({ nodeId }) => refused.push(nodeId));
  assert.deepEqual(heard?.kind === 'view' ? heard.view.nodes : null, nodes.slice(1, 4));
  assert.deepEqual(refused, ['-2', '2']);
});
