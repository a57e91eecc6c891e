/** Drivers of nodes over one real Redis: who owns a stream, and what becomes of it when a node or the registry goes. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, type TestContext, test } from 'node:test';
import { createClient } from '@redis/client';
import { monotonicMs } from '../../../src/clock.js';
import { type StagedNode, startNode } from '../../support/cluster/node-stage.js';
import { wantedStream } from '../../support/cluster/records.js';
import { type RedisServer, startRedisServer } from '../../support/cluster/redis-server.js';
import { judged } from '../../support/judged.js';
import { until } from '../../support/until.js';

let server: RedisServer;
before(async () => {
  server = await startRedisServer();
});
after(() => server.stop());

async function threeNodes(t: TestContext, on: RedisServer = server): Promise<[StagedNode, StagedNode, StagedNode]> {
  const prefix = `test:${randomUUID()}`;
  const nodes = await Promise.all([startNode(on, prefix), startNode(on, prefix), startNode(on, prefix)]);
  t.after(() => Promise.all(nodes.map((one) => one.close())));
  await allKnow(nodes);
  return nodes;
}

const allKnow = (nodes: readonly StagedNode[]) =>
  until('all know each other', () => nodes.every(({ node }) => node.isReachable && node.view.nodes.size === 3), 30_000);

const isOwner = (key: string) => (one: StagedNode) => {
  const last = one.last(key);
  return last?.kind === 'own' && last.epoch > 0;
};

async function ownerOf(nodes: readonly StagedNode[], key: string): Promise<StagedNode> {
  await until(`${key} is owned`, () => nodes.some(isOwner(key)));
  const [owner, ...others] = nodes.filter(isOwner(key));
  assert.deepEqual(others, []);
  return owner ?? assert.fail();
}

const epochOf = (owner: StagedNode, key: string): number => {
  const last = owner.last(key);
  return last?.kind === 'own' ? last.epoch : assert.fail();
};

describe('nodes', { concurrency: true }, () => {
  test('each of many streams is owned by one node, and all nodes know by which', async (t) => {
    const nodes = await threeNodes(t);
    const keys = Array.from({ length: 30 }, (_, n) => `stream ${n}`);
    await Promise.all(keys.map((key, n) => nodes[n % 3]?.node.want(wantedStream(key, { name: `name of ${key}` }))));
    const owners = await Promise.all(keys.map((key) => ownerOf(nodes, key)));
    assert.equal(new Set(owners).size, 3, 'they are spread');
    const all = nodes.flatMap(({ done }) => done);
    assert.equal(all.length, keys.length, 'nothing is done twice');
    await until('all have heard of all claims', () => nodes.every(({ node }) => node.view.claims.size === keys.length));
    for (const [n, key] of keys.entries()) {
      const claim = nodes[0]?.node.view.claims.get(key);
      assert.deepEqual([claim?.nodeId, claim?.name], [owners[n]?.node.nodeId, `name of ${key}`]);
    }
    await nodes[0]?.node.unwant('stream 0');
    await until('its owner ends it', () => owners[0]?.last('stream 0')?.kind === 'end');
    await until('nobody owns it', () => nodes.every(({ node }) => !node.view.claims.has('stream 0')));
  });

  test('two nodes that want the same at once: one of them is told why not', async (t) => {
    const [a, b] = await threeNodes(t);
    const both = await Promise.allSettled([
      a.node.want(wantedStream('one')),
      b.node.want(wantedStream('one')),
      a.node.want(wantedStream('two', { name: 'cam' })),
      b.node.want(wantedStream('three', { name: 'cam' })),
    ]);
    const codes = both.map((one) => (one.status === 'rejected' ? one.reason.code : null));
    assert.deepEqual(codes.slice(0, 2).sort(), [null, 'pull.conflict'].sort());
    assert.deepEqual(codes.slice(2).sort(), [null, 'pull.nameTaken'].sort());
    const stream = await until('it is known', () =>
      [...b.node.view.wanted.values()].find(({ name }) => name === 'cam'),
    );
    await b.node.rewant({ ...stream, name: 'cam2' });
    await until('its new name is known', () => a.node.view.wanted.get(stream.key)?.name === 'cam2');
    await assert.rejects(a.node.rewant(wantedStream('four')), { code: 'pull.notFound' });
  });

  test('a viewer elsewhere: the stream is taken from its owner, and let go when nobody watches', async (t) => {
    const nodes = await threeNodes(t);
    await nodes[0].node.want(wantedStream('one'));
    const owner = await ownerOf(nodes, 'one');
    const [edge] = nodes.filter((one) => one !== owner);
    if (edge === undefined) assert.fail();
    await until('the claim is known', () => edge.node.view.claims.has('one'));
    assert.deepEqual(edge.node.play('one'), { kind: 'here' });
    const followed = edge.last('one');
    assert.deepEqual(followed, {
      kind: 'follow',
      key: 'one',
      epoch: epochOf(owner, 'one'),
      parentId: owner.node.nodeId,
      atMs: followed?.atMs,
    });
    await until('others hear of it', () => owner.node.view.edgesOf('one').length === 1);
    edge.node.taken('one', 0);
    assert.equal(edge.last('one')?.kind, 'end');
    await until('others hear of that', () => owner.node.view.edgesOf('one').length === 0);
    assert.deepEqual(edge.node.play('two'), { kind: 'unknown' });
  });

  test('an address on demand at two nodes at once is owned by one, and taken from it by the other', async (t) => {
    const nodes = await threeNodes(t);
    const stream = wantedStream('one');
    const places = await Promise.all([nodes[0].node.demand(stream), nodes[1].node.demand(stream)]);
    assert.deepEqual(places, [{ kind: 'here' }, { kind: 'here' }]);
    const owner = await ownerOf(nodes, 'one');
    const [other] = nodes.slice(0, 2).filter((one) => one !== owner);
    await until('the other takes it from there', () => other?.last('one')?.kind === 'follow');
    assert.deepEqual(nodes[2].done, []);
    assert.equal(owner.node.view.wanted.size, 0);
  });

  test('a full node sends people on, and one that drains hands over what it has', async (t) => {
    const prefix = `test:${randomUUID()}`;
    const full = await startNode(server, prefix, { room: { cpu: 0, kbps: null, streams: 0, viewers: 0 } });
    const roomy = await startNode(server, prefix);
    const third = await startNode(server, prefix, { room: { cpu: 5, kbps: null, streams: 1, viewers: 10 } });
    const nodes = [full, roomy, third];
    t.after(() => Promise.all(nodes.map((one) => one.close())));
    await allKnow(nodes);
    await full.node.want(wantedStream('one'));
    const owner = await ownerOf(nodes, 'one');
    assert.notEqual(owner, full);
    await until('the claim is known', () => full.node.view.claims.has('one'));
    const playing = full.node.play('one');
    assert.equal(playing.kind === 'elsewhere' ? playing.node.nodeId : playing.kind, owner.node.nodeId);
    const [successor] = [roomy, third].filter((one) => one !== owner);
    await owner.state.handOver();
    await until('the other one owns it', () => successor !== undefined && isOwner('one')(successor));
    assert.deepEqual(owner.state.held(), []);
    owner.state.takeAgain();
  });

  test('a node that leaves in order is followed at once', async (t) => {
    const nodes = await threeNodes(t);
    await nodes[0].node.want(wantedStream('one'));
    const owner = await ownerOf(nodes, 'one');
    const epoch = epochOf(owner, 'one');
    const others = nodes.filter((one) => one !== owner);
    const startMs = monotonicMs();
    await owner.close();
    const next = await ownerOf(others, 'one');
    t.diagnostic(`owned again after ${(monotonicMs() - startMs).toFixed(0)} ms`);
    assert.ok(epochOf(next, 'one') > epoch);
    await until('it is missed', () => others.every(({ events }) => events.some(({ kind }) => kind === 'nodeLost')));
  });

  test('a node that is cut off fences itself, is followed within 8 s, and gives way when it is back', async (t) => {
    const nodes = await threeNodes(t);
    await nodes[0].node.want(wantedStream('one'));
    const owner = await ownerOf(nodes, 'one');
    const epoch = epochOf(owner, 'one');
    const others = nodes.filter((one) => one !== owner);
    const measured = await judged(t, {
      windows: 1,
      async measure() {
        const cutMs = monotonicMs();
        owner.cut();
        const next = await ownerOf(others, 'one');
        return {
          next,
          fencedMs: (owner.last('one')?.atMs ?? 0) - cutMs,
          takenMs: (next.last('one')?.atMs ?? 0) - cutMs,
        };
      },
      isGood: ({ takenMs }) => takenMs <= 8000,
      words: ({ takenMs }) => `owned again after ${takenMs.toFixed(0)} ms`,
    });
    const { next, fencedMs, takenMs } = measured;
    t.diagnostic(`fenced after ${fencedMs.toFixed(0)} ms, owned again after ${takenMs.toFixed(0)} ms`);
    const fenced = owner.last('one');
    assert.equal(fenced?.kind === 'own' ? fenced.epoch : fenced?.kind, 0, 'it plays on, and serves no edge');
    assert.ok(fencedMs > 0 && fencedMs < takenMs, 'before anybody else owns it');
    assert.ok(epochOf(next, 'one') > epoch);
    assert.deepEqual(owner.state.held(), [
      { key: 'one', pullId: owner.state.held()[0]?.pullId, epoch, isFenced: true },
    ]);
    await owner.mend();
    await until('it gives way', () => owner.last('one')?.kind === 'end', 10_000);
    assert.deepEqual(
      next.done.map(({ kind }) => kind),
      ['own'],
      'which its successor does not notice',
    );
    const kinds = owner.events.map(({ kind }) => kind);
    for (const kind of ['joined', 'claimed', 'fenced', 'registryLost', 'registryBack'])
      assert.ok(
        kinds.some((one) => one === kind),
        kind,
      );
  });

  test('the registry goes: all plays on, what is new is taken here; it comes back empty, and all is as it was', async (t) => {
    const own = await startRedisServer();
    t.after(() => own.stop());
    const nodes = await threeNodes(t, own);
    await nodes[0].node.want(wantedStream('one', { name: 'cam' }));
    const owner = await ownerOf(nodes, 'one');
    await own.kill();
    await until('all miss it', () => nodes.every(({ node }) => !node.isReachable), 5000);
    const [asked] = nodes.filter((one) => one !== owner);
    if (asked === undefined) assert.fail();
    await asked.node.want(wantedStream('two', { name: 'other' }));
    assert.deepEqual([asked.last('two')?.kind, asked.state.held().map(({ epoch }) => epoch)], ['own', [0]]);
    const startMs = monotonicMs();
    await own.restart();
    await until(
      'both are claimed again',
      () => isOwner('two')(asked) && nodes.every(({ node }) => node.view.claims.size === 2 && node.isReachable),
      10_000,
    );
    t.diagnostic(`as before ${(monotonicMs() - startMs).toFixed(0)} ms after it is back`);
    await until('both are wanted', () => nodes.every(({ node }) => node.view.wanted.size === 2));
    assert.deepEqual(
      nodes.flatMap(({ done }) => done).filter(({ kind }) => kind !== 'own'),
      [],
    );
    assert.equal((await ownerOf(nodes, 'one')).node.nodeId, owner.node.nodeId);
  });

  test('a registry of which all is deleted while it runs is told all again: nothing that plays ends', async (t) => {
    const own = await startRedisServer({ lines: ['maxmemory-policy allkeys-lru'] });
    t.after(() => own.stop());
    const nodes = await threeNodes(t, own);
    for (const key of ['one', 'two', 'three']) await nodes[0].node.want(wantedStream(key, { name: `name of ${key}` }));
    for (const key of ['one', 'two', 'three']) await ownerOf(nodes, key);
    const redis = createClient({ url: own.url });
    await redis.connect();
    const startMs = monotonicMs();
    await own.flush();
    await until('all is there again', async () => {
      const keys = await redis.keys('*');
      return ['wanted:', 'claim:', 'node:'].every((kind) => keys.filter((key) => key.includes(kind)).length === 3);
    });
    redis.destroy();
    t.diagnostic(`there again after ${(monotonicMs() - startMs).toFixed(0)} ms`);
    await until('all are owned, once', () =>
      ['one', 'two', 'three'].every((key) => nodes.filter(isOwner(key)).length === 1),
    );
    for (const { done, node } of nodes) {
      assert.ok(done.every(({ kind }) => kind === 'own'));
      assert.equal(node.view.wanted.size, 3);
    }
    const evicts = nodes.map(({ events }) => events.filter(({ kind }) => kind === 'registryEvicts'));
    assert.deepEqual(evicts, Array(3).fill([{ kind: 'registryEvicts', policy: 'allkeys-lru' }]));
  });

  test('a registry that stands still: owners fence themselves, and are owners again when it goes on', async (t) => {
    const own = await startRedisServer();
    t.after(() => own.stop());
    const nodes = await threeNodes(t, own);
    await nodes[0].node.want(wantedStream('one'));
    const owner = await ownerOf(nodes, 'one');
    own.pause();
    await until('it fences itself', () => owner.last('one')?.kind === 'own' && !isOwner('one')(owner), 10_000);
    own.resume();
    const startMs = monotonicMs();
    await until('it owns it again', () => isOwner('one')(owner) && nodes.every(({ node }) => node.isReachable), 10_000);
    t.diagnostic(`owned again ${(monotonicMs() - startMs).toFixed(0)} ms after it goes on`);
    assert.ok(
      nodes.every((one) => one === owner || one.done.length === 0),
      'nobody else took it',
    );
  });
});
