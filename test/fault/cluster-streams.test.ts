/** Three nodes have one Sluice: any of them takes a pull, plays any stream, lists, ends and renames all. */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { readTold } from '../support/server/told-text.js';
import { startOrigin, type TestOrigin } from '../support/source/origin.js';
import { until } from '../support/until.js';
import type { StreamViewer } from '../support/viewer/stream-viewer.js';
import { joinWcs } from '../support/viewer/wcs-viewer.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';
import { inTreeOrder, type PlayingNode, startNodes } from './playing-nodes.js';

let origin: TestOrigin;

before(async () => {
  origin = await startOrigin();
});
after(() => origin.close());

const pull = (node: PlayingNode, name: string): Promise<Response> =>
  node.post('/rest-api/pull/rtmp/pull', { uri: origin.url(name), localStreamName: name });

const whep = async (t: TestContext, node: PlayingNode, name: string): Promise<StreamViewer> => {
  const viewer = await joinWhep(`${node.rest}/whep/${encodeURIComponent(name)}`);
  t.after(() => viewer.close());
  return viewer;
};
const wcs = async (t: TestContext, node: PlayingNode, name: string) => {
  const viewer = await joinWcs(node.signalling, name);
  t.after(() => viewer.close());
  return viewer;
};

const listen = async (t: TestContext, node: PlayingNode) => {
  const stop = new AbortController();
  t.after(() => stop.abort());
  return readTold(await fetch(`${node.rest}/api/events`, { signal: stop.signal }));
};

const statusAt = async (node: PlayingNode, name: string): Promise<string | undefined> =>
  (await node.listed()).find(({ localStreamName }) => localStreamName === name)?.status;
const whenAt = (node: PlayingNode, name: string, status: string | undefined) =>
  until(`${name} is ${status} at ${node.name}`, async () => (await statusAt(node, name)) === status);

const ownerOf = (nodes: readonly PlayingNode[], key: string): PlayingNode =>
  nodes.find(({ cluster }) => cluster.state.held().some((one) => one.key === key)) ?? assert.fail('nobody owns it');
/** The one stream that there is. */
const keyOf = ([node]: readonly PlayingNode[]): string =>
  node?.cluster.state.view().claims[0]?.key ?? assert.fail('nothing is claimed');

test('a stream that is asked for at one node plays at all, is listed at all, and ends at any', async (t) => {
  const nodes = await startNodes(t, 3);
  const [a = assert.fail(), b = assert.fail(), c = assert.fail()] = nodes;
  // A console at each of them, of which two have nothing of the stream.
  const consoles = await Promise.all(nodes.map((node) => listen(t, node)));
  assert.equal((await pull(a, 'cam')).status, 200);
  for (const told of consoles) await told.until(/event: stream\ndata: .*"name":"cam".*"state":"PROCESSED_REMOTE"/);
  for (const node of nodes) await whenAt(node, 'cam', 'PROCESSED_REMOTE');
  for (const node of nodes) assert.equal((await pull(node, 'cam')).status, 409);
  const other = { uri: origin.url('other'), localStreamName: 'cam' };
  assert.equal((await b.post('/rest-api/pull/rtmp/pull', other)).status, 409);

  const viewers = [await whep(t, a, 'cam'), await whep(t, b, 'cam'), await wcs(t, c, 'cam'), await wcs(t, b, 'cam')];
  for (const viewer of viewers) await viewer.whenVideo(30);
  assert.equal(origin.players, 1, 'the source is pulled once');
  for (const node of nodes) {
    const listed = async () => node.cluster.streams.find('cam');
    await until(`all viewers are counted at ${node.name}`, async () => (await listed())?.viewers === 4);
    const { players, uri, origin: by } = (await listed()) ?? assert.fail();
    assert.deepEqual([players, uri, by], [0, origin.url('cam'), 'rest']);
    assert.equal((await node.listed()).length, 1);
  }
  const ids = new Set((await Promise.all(nodes.map((node) => node.listed()))).map(([one]) => one?.localMediaSessionId));
  assert.equal(ids.size, 1, 'one id everywhere');

  assert.equal((await c.post('/rest-api/pull/rtmp/terminate', { localStreamName: 'cam' })).status, 200);
  for (const node of nodes) await whenAt(node, 'cam', undefined);
  for (const told of consoles) await told.until(/event: removed\n/);
  await until('nobody pulls it', () => origin.players === 0);
  assert.equal((await c.post('/rest-api/pull/rtmp/terminate', { localStreamName: 'cam' })).status, 404);
  for (const { lines } of nodes) assert.doesNotMatch(JSON.stringify(lines), /token=|a secret of the tests/);
});

test('what one node alone has is asked there: by 307, with the method and the body', async (t) => {
  const nodes = await startNodes(t, 2);
  await pull(nodes[0] ?? assert.fail(), 'cam');
  for (const node of nodes) await whenAt(node, 'cam', 'PROCESSED_REMOTE');
  const owner = ownerOf(nodes, keyOf(nodes));
  const other = nodes.find((node) => node !== owner) ?? assert.fail();
  const [listed] = await other.listed();
  const path = `/api/streams/${listed?.localMediaSessionId}`;
  for (const what of ['stats', 'diagnosis', 'data?since=0']) {
    const moved = await fetch(`${other.rest}${path}/${what}`, { redirect: 'manual' });
    assert.deepEqual([what, moved.status, moved.headers.get('Location')], [what, 307, `${owner.rest}${path}/${what}`]);
    assert.equal((await fetch(`${other.rest}${path}/${what}`)).status, 200);
  }
  const recording = await other.post(`${path}/recording`, {}, 'manual');
  assert.deepEqual([recording.status, recording.headers.get('Location')], [307, `${owner.rest}${path}/recording`]);
  assert.equal((await other.post(`${path}/recording`, {})).status, 501, 'nothing is recorded there');

  const renamed = await fetch(`${other.rest}${path}`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'yard' }),
  });
  assert.equal(renamed.status, 200);
  for (const node of nodes) await whenAt(node, 'yard', 'PROCESSED_REMOTE');
  await (await whep(t, other, 'yard')).whenVideo(10);
});

test('an address that viewers play at two nodes is pulled once, and let go after the last of them', async (t) => {
  const nodes = await startNodes(t, 2, { settings: { pulls: { idleMs: 300 } } });
  const address = origin.url('on-demand');
  const viewers = await Promise.all(nodes.map((node) => whep(t, node, address)));
  for (const viewer of viewers) await viewer.whenVideo(20);
  assert.equal(origin.players, 1);
  // Its owner shows it with the next renewal of its claim.
  for (const node of nodes) await until(`it is listed at ${node.name}`, async () => (await node.listed()).length === 1);
  for (const { local } of nodes) for (const { viewerId } of local.viewers()) await local.leave(viewerId);
  await until('nobody pulls it', () => origin.players === 0);
  for (const node of nodes) await until('it is listed no more', async () => (await node.listed()).length === 0);
});

test('its owner ends: another node takes it, and viewers of the others keep their sessions', async (t) => {
  const nodes = await startNodes(t, 3);
  await pull(nodes[0] ?? assert.fail(), 'cam');
  for (const node of nodes) await whenAt(node, 'cam', 'PROCESSED_REMOTE');
  const owner = ownerOf(nodes, keyOf(nodes));
  const others = nodes.filter((node) => node !== owner);
  const viewers = await Promise.all(others.map((node) => whep(t, node, 'cam')));
  for (const viewer of viewers) await viewer.whenVideo(20);
  const atNs = process.hrtime.bigint();
  await owner.end(true);
  for (const viewer of viewers) {
    await viewer.whenVideo(viewer.video().length + 40);
    const times = viewer.video().flatMap(({ atNs: seenNs }) => (seenNs >= atNs ? [seenNs] : []));
    const gapsNs = times.map((seenNs, n) => seenNs - (times[n - 1] ?? atNs));
    const gapMs = Math.max(...gapsNs.map((gapNs) => Number(gapNs / 1_000_000n)));
    t.diagnostic(`${gapMs} ms without a picture`);
  }
  for (const { local } of others) assert.equal(local.viewers().length, 1);
  assert.equal(origin.players, 1);
});

test('an edge takes the stream from another edge where the owner has all the nodes that it takes, and from the owner when that ends', async (t) => {
  const nodes = await startNodes(t, 3, { settings: { cluster: { maxChildren: 1 } } });
  await pull(nodes[0] ?? assert.fail(), 'cam');
  for (const node of nodes) await whenAt(node, 'cam', 'PROCESSED_REMOTE');
  const key = keyOf(nodes);
  const owner = ownerOf(nodes, key);
  const others = nodes.filter((node) => node !== owner);
  const [first = assert.fail(), second = assert.fail()] = inTreeOrder(key, others);
  await (await whep(t, first, 'cam')).whenVideo(10);
  const edgesAt = (node: PlayingNode) => node.cluster.state.view().edges;
  await until('the first edge is known', () =>
    edgesAt(second).some(({ nodeId }) => nodeId === first.cluster.state.nodeId),
  );
  const viewer = await whep(t, second, 'cam');
  await viewer.whenVideo(20);
  const { parentId, depth } =
    edgesAt(second).find(({ nodeId }) => nodeId === second.cluster.state.nodeId) ?? assert.fail();
  assert.deepEqual([parentId, depth], [first.cluster.state.nodeId, 2]);
  await first.end(true);
  await viewer.whenVideo(viewer.video().length + 40);
  assert.equal(second.local.viewers().length, 1);
  const moved = edgesAt(second).find(({ nodeId }) => nodeId === second.cluster.state.nodeId);
  assert.deepEqual([moved?.parentId, moved?.depth], [owner.cluster.state.nodeId, 1]);
});

test('a node without room sends viewers on: WHEP by 307, signalling by the address in its info, lbUrl to the other', async (t) => {
  const nodes = await startNodes(t, 2, { settings: { viewers: { max: 1 } } });
  const [a = assert.fail(), b = assert.fail()] = nodes;
  await pull(a, 'cam');
  for (const node of nodes) await whenAt(node, 'cam', 'PROCESSED_REMOTE');
  await (await whep(t, a, 'cam')).whenVideo(5);
  const isFull = () => b.cluster.state.view().nodes.some(({ name, room }) => name === 'a' && room.viewers === 0);
  await until('it is known to be full', isFull);
  await assert.rejects(joinWcs(a.signalling, 'cam'), new RegExp(b.signalling));
  const balanced = JSON.parse(await (await fetch(`${a.rest}/loadbalancer`)).text());
  assert.deepEqual([balanced.server, balanced.ws], ['127.0.0.2', new URL(b.signalling).port]);
  // It follows the Location by itself.
  await (await whep(t, a, 'cam')).whenVideo(5);
  assert.equal(b.local.viewers().length, 1);
});
