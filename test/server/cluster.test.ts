/** What a server says of its cluster. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operations } from '../../src/server/api-operations.js';
import { createFakeCluster } from './fake-cluster.js';
import { startStage } from './stage.js';

test('/api/cluster has nodes, streams with owner and epoch, and the tree of edges', async (t) => {
  const stage = await startStage({ cluster: createFakeCluster() });
  t.after(() => stage.end());
  const answer = await stage.ask('/api/cluster');
  const cluster = operations.getCluster.response.parse(JSON.parse(answer.body));
  assert.deepEqual(cluster?.registry, { isReachable: true, awayMs: null });
  assert.deepEqual(
    cluster?.nodes.map(({ name, isAsked, isDraining, owned, edges }) => [name, isAsked, isDraining, owned, edges]),
    [
      ['a', true, false, 2, 0],
      ['b', false, false, 1, 1],
      ['c', false, true, 0, 1],
    ],
  );
  assert.deepEqual(
    cluster?.streams.map(({ key, name, isWanted, owner }) => [
      key,
      name,
      isWanted,
      owner?.node,
      owner?.epoch,
      owner?.isFenced,
    ]),
    [
      ['k1', 'cam k1', true, 'a', 4, false],
      ['k2', 'cam k2', true, 'b', 1, null],
      ['k3', 'cam k3', true, undefined, undefined, undefined],
      ['k4', null, false, 'a', 0, false],
    ],
  );
  assert.deepEqual(
    cluster?.streams.map(({ quarantine }) => quarantine),
    [null, null, { code: 'stream.quarantined', deaths: 4, retryMs: 0 }, null],
  );
  assert.deepEqual(cluster?.streams[0]?.edges, [
    {
      nodeId: 'b-1',
      node: 'b',
      depth: 1,
      epoch: 4,
      delayMs: 1.5,
      viewers: 7,
      children: [{ nodeId: 'c-1', node: 'c', depth: 2, epoch: 4, delayMs: null, viewers: 1, children: [] }],
    },
  ]);
  assert.doesNotMatch(answer.body, /sealed/);
});

test('edges that name each other as parents are all shown', async (t) => {
  const claim = { key: 'k', nodeId: 'gone', epoch: 1, pullId: 'p', name: null, shown: '{}' };
  const edge = (nodeId: string, parentId: string) => ({ key: 'k', nodeId, parentId, epoch: 1, depth: 1, viewers: 0 });
  const edges = [edge('x', 'y'), edge('y', 'x'), edge('z', 'gone')];
  const stage = await startStage({
    cluster: createFakeCluster({ era: 'one', nodes: [], wanted: [], claims: [claim], edges }),
  });
  t.after(() => stage.end());
  const cluster = operations.getCluster.response.parse(JSON.parse((await stage.ask('/api/cluster')).body));
  const stream = cluster?.streams.find(({ key }) => key === 'k');
  assert.equal(JSON.stringify(stream?.edges).match(/"nodeId"/g)?.length, 3);
});

test('a node whose registry is away says degraded, and stays in: /readyz is 200', async (t) => {
  const cluster = createFakeCluster();
  const stage = await startStage({ cluster });
  t.after(() => stage.end());
  assert.deepEqual([(await stage.ask('/readyz')).status, (await stage.ask('/readyz')).body], [200, 'ok\n']);
  cluster.unreachableSinceMs = 0;
  const { status, body } = await stage.ask('/readyz');
  assert.deepEqual([status, body], [200, 'degraded: no answer from the registry\n']);
  stage.server.refuse(true);
  assert.equal((await stage.ask('/readyz')).status, 503);
});

test('a server without a cluster says null', async (t) => {
  const stage = await startStage();
  t.after(() => stage.end());
  assert.equal((await stage.ask('/api/cluster')).body, 'null');
});
