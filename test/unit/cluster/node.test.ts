/** The driver of a node over the registry in memory: what its streams ask of it, and what it has them do. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { monotonicMs } from '../../../src/clock.js';
import type { ClusterEvent } from '../../../src/cluster/cluster-state.js';
import type { NodeStreams } from '../../../src/cluster/contract.js';
import { createClusterNode } from '../../../src/cluster/node.js';
import { createMemoryRegistry } from '../../../src/cluster/registry-memory.js';
import type { NodeRecord } from '../../../src/core/cluster/records.js';
import { nodeRecord, wantedStream } from '../../support/cluster/records.js';
import { until } from '../../support/until.js';

function stage(t: TestContext, memory = createMemoryRegistry(monotonicMs, 1_796_000_000_000)) {
  return (nodeId: string, change: Partial<NodeRecord> = {}) => {
    const done: string[] = [];
    const running = createClusterNode({
      registry: memory.open(),
      self: () => nodeRecord(nodeId, change),
      maxChildren: 8,
      nowMs: monotonicMs,
    });
    t.after(running.close);
    const streams: NodeStreams = {
      own: ({ key }, epoch) => void done.push(`own ${key}${epoch === 0 ? ' unclaimed' : ''}`),
      follow: ({ key }, parent) => void done.push(`follow ${key} from ${parent.nodeId}`),
      end: (key) => void done.push(`end ${key}`),
    };
    return { ...running, done, join: () => running.start(streams) };
  };
}

test('what is asked before the registry was read waits for it', async (t) => {
  const { node, done, join } = stage(t)('a');
  const wanted = node.want(wantedStream('one'));
  const demanded = node.demand(wantedStream('two'));
  assert.deepEqual(node.play('one'), { kind: 'unknown' });
  await join();
  await wanted;
  assert.deepEqual(await demanded, { kind: 'here' });
  await until('both are owned', () => done.length === 2);
  assert.deepEqual(done.sort(), ['own one', 'own two']);
});

test('others list what its owner shows, whether anybody takes it or not, until it ends', async (t) => {
  const start = stage(t);
  const [a, b] = [start('a'), start('b', { room: { cpu: 0, kbps: null, streams: 0, viewers: 9 } })];
  await Promise.all([a.join(), b.join()]);
  a.node.show('one', '{"state":"CONNECTED"}');
  const stream = wantedStream('one', { name: 'cam' });
  await a.node.want(stream);
  await until('it is claimed', () => b.node.view.claims.has('one'));
  a.node.taken('one', 1);
  a.node.taken('one', 0);
  a.node.show('one', '{"state":"PROCESSED_REMOTE"}');
  await until('the newest is shown', () => b.node.view.claims.get('one')?.shown === '{"state":"PROCESSED_REMOTE"}');
  assert.deepEqual(
    a.state.held().map(({ key, pullId }) => [key, pullId]),
    [['one', stream.pullId]],
  );
  await b.node.unwant('one');
  await until('its owner ends it', () => a.done.at(-1) === 'end one');
  assert.deepEqual(a.state.held(), []);
});

test('an address on demand that nobody takes any more is nobody’s, and may be asked for again', async (t) => {
  const { node, done, join } = stage(t)('a');
  await join();
  const stream = wantedStream('one');
  assert.deepEqual(await node.demand(stream), { kind: 'here' });
  node.taken('one', 1);
  node.taken('one', 0);
  assert.deepEqual(done, ['own one', 'end one']);
  await until('its claim is given back', () => !node.view.claims.has('one'));
  assert.deepEqual(node.play('one'), { kind: 'unknown' });
  node.taken('one', 0);
  assert.deepEqual(await node.demand(stream), { kind: 'here' });
  assert.deepEqual(done, ['own one', 'end one', 'own one']);
});

test('a full node plays what it has for itself where there is nobody to send to', async (t) => {
  const start = stage(t);
  const full = start('full', { room: { cpu: 0, kbps: null, streams: 0, viewers: 0 } });
  await full.join();
  assert.deepEqual(await full.node.demand(wantedStream('one')), { kind: 'here' });
  const roomy = start('roomy');
  await roomy.join();
  await until('it is known', () => full.node.view.nodes.has('roomy'));
  const sent = await full.node.demand(wantedStream('two'));
  assert.equal(sent.kind === 'elsewhere' ? sent.node.nodeId : sent.kind, 'roomy');
  assert.deepEqual(full.done, ['own one']);
});

test('what three nodes died with is refused to viewers, not pulled where it is wanted, and told', async (t) => {
  const memory = createMemoryRegistry(monotonicMs, 1_796_000_000_000);
  for (const nodeId of ['x', 'y', 'z']) await memory.open().reportDeath('one', nodeId);
  const { node, state, done, join } = stage(t, memory)('a');
  const told: ClusterEvent[] = [];
  state.onEvent((event) => told.push(event));
  await join();
  await assert.rejects(node.demand(wantedStream('one')), { code: 'stream.quarantined' });
  const stream = wantedStream('one');
  await node.want(stream);
  assert.equal(state.quarantined().get('one')?.deaths, 3);
  await memory.open().reportDeath('one', 'w');
  await until('the next death is told', () => told.filter(({ kind }) => kind === 'quarantined').length === 2);
  const event = told.at(-1);
  if (event?.kind !== 'quarantined') return assert.fail();
  assert.deepEqual([event.key, event.pullId, event.deaths], ['one', stream.pullId, 4]);
  assert.ok(event.forMs > 19_000 && event.forMs <= 20_000, `${event.forMs} ms`);
  assert.deepEqual(done, []);
});
