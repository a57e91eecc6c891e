/** What the streams of a node do by order of its driver, over threads that record their calls. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ClusterNode, ClusterView } from '../../../src/cluster/contract.js';
import { createHeldStreams } from '../../../src/cluster/held-streams.js';
import { createLinkServer } from '../../../src/cluster/link-server.js';
import { sealRequest } from '../../../src/cluster/sealed-request.js';
import { createSecrets } from '../../../src/cluster/secrets.js';
import type { Claim, NodeRecord, WantedStream } from '../../../src/core/cluster/records.js';
import { nodeRecord } from '../../support/cluster/records.js';
import { fakeStreams, watch } from '../../support/threads/fake-threads.js';

const uri = 'rtmp://source.example/live/cam';
const secrets = createSecrets('a secret of the tests');
const key = secrets.streamKey(uri) ?? assert.fail();
const request = { uris: [uri, `${uri}2`], hasAudio: true, hasVideo: true, record: false, createdAtMs: 0 };
const sealed = sealRequest(secrets, key, { ...request, origin: 'rest' });
const stream: WantedStream = { key, pullId: 'pull-1', name: 'cam', label: '', sealed };
const claim = (epoch: number): Claim => ({ key, nodeId: 'other', epoch, pullId: 'pull-1', name: 'cam', shown: '{}' });
const parent = (nodeId: string): NodeRecord => nodeRecord(nodeId);
const linkTo = (nodeId: string, epoch: number): string =>
  `rtmp://${nodeId}:1935/cluster/${key}?token=${secrets.linkToken(key)}&epoch=${epoch}`;

/** `told`: what the driver hears, in words. */
async function stage(t: TestContext, settings: object = {}) {
  const faked = await fakeStreams(t, settings);
  const told: string[] = [];
  const view: ClusterView = {
    nodes: new Map(),
    wanted: new Map([[key, stream]]),
    claims: new Map(),
    quarantined: new Map(),
    edgesOf: () => [],
  };
  const node: ClusterNode = {
    nodeId: 'this',
    view,
    isReachable: true,
    want: async () => {},
    rewant: async () => {},
    unwant: async (one) => void told.push(`unwant ${one === key}`),
    play: () => ({ kind: 'here' }),
    demand: async () => ({ kind: 'here' }),
    taken: (_key, takers) => void told.push(`taken ${takers}`),
    playing: () => void told.push('playing'),
    linkLost: (_key, parentId) => void told.push(`linkLost ${parentId}`),
    show: () => {},
    delayed: () => {},
    onChange: () => {},
  };
  const held = createHeldStreams({ local: faked.streams, node, secrets, log: () => {} });
  const one = () => held.get(key) ?? assert.fail('it is not held');
  return { ...faked, told, held, one };
}

test('an owner pulls the stream from its source with its stand-bys, under the id that all nodes know', async (t) => {
  const { held, threads, streams, told, pass } = await stage(t);
  held.own(stream, 1);
  const { spec } = threads[0]?.options.boot ?? assert.fail();
  assert.deepEqual([spec.pullId, spec.uri, spec.standbyUris, spec.origin], ['pull-1', uri, [`${uri}2`], 'rest']);
  threads[0]?.live();
  await pass(0);
  assert.deepEqual(told, ['playing']);
  held.own(stream, 2);
  assert.deepEqual(threads[0]?.calls, ['endLinks 2'], 'another epoch is nothing to its viewers');
  assert.equal(streams.get('pull-1')?.state, 'PROCESSED_REMOTE');
});

test('an edge is started by the first who plays it, and keeps its viewers over owners that change, and as an owner', async (t) => {
  const { held, one, threads, streams, pass } = await stage(t);
  held.follow(claim(1), parent('first'));
  assert.deepEqual([threads.length, held.epochOf(key)], [0, 1]);
  held.start(one(), 'cam', null);
  assert.equal(threads[0]?.options.boot.spec.uri, linkTo('first', 1));
  threads[0]?.live();
  const viewer = watch(streams, 'cam');
  await viewer.view;
  held.follow(claim(1), parent('first'));
  held.follow(claim(2), parent('second'));
  held.own(stream, 3);
  held.follow(claim(4), parent('third'));
  await pass(0);
  assert.deepEqual(
    threads[0]?.calls.filter((call) => !call.startsWith('join')),
    [
      `pointTo edge ${linkTo('second', 2)}`,
      'endLinks 2',
      `pointTo rest ${uri} ${uri}2`,
      'endLinks 3',
      `pointTo edge ${linkTo('third', 4)}`,
      'endLinks 4',
    ],
  );
  assert.deepEqual([threads.length, viewer.notified.filter((word) => word.startsWith('ended'))], [1, []]);
  held.end(key);
  assert.deepEqual([viewer.notified.at(-1), held.get(key)], ['ended null', undefined]);
});

test('the driver hears who takes an edge, that its link is lost, and that it has ended by itself', async (t) => {
  const { held, one, threads, streams, told, pass } = await stage(t, { pulls: { idleMs: 1000 } });
  held.follow(claim(1), parent('first'));
  held.start(one(), 'cam', null);
  threads[0]?.live();
  const viewer = watch(streams, 'cam');
  const { viewerId } = await viewer.view;
  await pass(0);
  const lose = (reason: 'source.stalled' | 'source.refused'): void =>
    threads[0]?.emit({ kind: 'source.state', state: 'PENDING', reason, detail: '' });
  // The parent is there, and its source is away.
  lose('source.stalled');
  await pass(0);
  assert.deepEqual(told, ['taken 1']);
  lose('source.refused');
  await pass(0);
  await streams.leave(viewerId);
  await pass(1000);
  assert.deepEqual(told, ['taken 1', 'linkLost first', 'taken 0']);
});

test('a source that is given up is wanted no more', async (t) => {
  const { held, threads, told, pass } = await stage(t);
  held.own(stream, 1);
  threads[0]?.emit({ kind: 'source.state', state: 'FAILED', reason: 'source.notAuthorised', detail: '' });
  await pass(0);
  assert.deepEqual(told, ['unwant true']);
});

test('links are let in by the token of their stream, under the epoch that is served, and under no other', async (t) => {
  const { held, streams } = await stage(t);
  const links = createLinkServer({ local: streams, secrets, held });
  const token = secrets.linkToken(key);
  const give = () => Promise.reject(new Error('it was let in'));
  const ask = (epoch: number, given = token) => links.serve({ key, token: given, epoch }, give);
  await assert.rejects(ask(1), { code: 'link.epoch' });
  held.own(stream, 5);
  await assert.rejects(ask(5, secrets.linkToken('another')), { code: 'link.denied' });
  await assert.rejects(ask(5, ''), { code: 'link.denied' });
  for (const epoch of [4, 6, 0, -1]) await assert.rejects(ask(epoch), { code: 'link.epoch' });
  // Fenced: those who are cut off as well ask for 0.
  held.own(stream, 0);
  await assert.rejects(ask(5), { code: 'link.epoch' });
  held.follow(claim(0), parent('first'));
  await assert.rejects(ask(0), { code: 'link.epoch' });
});
