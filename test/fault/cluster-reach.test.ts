/** What is asked of one node reaches all: events, viewers, recordings, tokens that are revoked; and how much later an edge has its stream. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { RecordedFile, Viewer } from '../../src/server/api-schemas.js';
import type { Cluster, ClusterEdge } from '../../src/server/cluster-schemas.js';
import { judged } from '../support/judged.js';
import { tokenSecret, tokenWith } from '../support/server/tokens.js';
import { startOrigin, type TestOrigin } from '../support/source/origin.js';
import { until } from '../support/until.js';
import { joinWcs, type WcsViewer } from '../support/viewer/wcs-viewer.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';
import { inTreeOrder, type PlayingNode, startNodes } from './playing-nodes.js';

let origin: TestOrigin;
/** Until its nodes have ended they write there. */
const recordsTo = mkdtempSync(join(tmpdir(), 'sluice-records-'));

before(async () => {
  origin = await startOrigin();
});
after(() => {
  rmSync(recordsTo, { recursive: true, force: true });
  return origin.close();
});

/** Pulled and live; gives the node that owns it, and the others. */
async function pulled(nodes: readonly PlayingNode[], name: string) {
  const [asked = assert.fail()] = nodes;
  await asked.post('/rest-api/pull/rtmp/pull', { uri: origin.url(name), localStreamName: name });
  const isLive = async (node: PlayingNode): Promise<boolean> =>
    (await node.listed()).some(
      ({ localStreamName, status }) => localStreamName === name && status === 'PROCESSED_REMOTE',
    );
  for (const node of nodes) await until(`it is live at ${node.name}`, () => isLive(node));
  return whoseIs(nodes, name);
}

function whoseIs(nodes: readonly PlayingNode[], name: string) {
  const isOwner = ({ cluster }: PlayingNode): boolean =>
    cluster.state.held().some(({ pullId }) => pullId === cluster.streams.find(name)?.pullId);
  const owner = nodes.find(isOwner) ?? assert.fail('nobody owns it');
  return { owner, others: nodes.filter((node) => node !== owner) };
}

const wcs = async (t: TestContext, node: PlayingNode, name: string) => {
  const viewer = await joinWcs(node.signalling, name);
  t.after(() => viewer.close());
  await viewer.whenVideo(5);
  return viewer;
};
const flat = (edges: readonly ClusterEdge[]): readonly ClusterEdge[] =>
  edges.flatMap((edge) => [edge, ...flat(edge.children)]);
const edgesAt = async (node: PlayingNode): Promise<readonly ClusterEdge[]> =>
  flat((await node.get<Cluster>('/api/cluster')).streams[0]?.edges ?? []);
/** What the source says beside audio and video comes as events too. */
const sentTo = ({ events }: WcsViewer): readonly unknown[] => events.filter((event) => 'n' in Object(event));
const delayed = ({ delayMs }: ClusterEdge): boolean => delayMs !== null;

describe('one cluster', { concurrency: true }, () => {
  test('an event comes to each viewer of all nodes once, in order; any node lists all viewers, and ends each', async (t) => {
    const nodes = await startNodes(t, 3, { settings: { cluster: { maxChildren: 1 } } });
    await pulled(nodes, 'cam');
    const viewers = [];
    for (const node of nodes) viewers.push(await wcs(t, node, 'cam'));
    // Whoever was asked: what he is answered is behind what has gone out.
    for (const [n, node] of nodes.entries()) {
      const { status } = await node.post('/rest-api/stream/event/send', { streamName: 'cam', payload: { n } });
      assert.equal(status, 200);
      for (const viewer of viewers) await until('it is there', () => sentTo(viewer).length > n);
    }
    for (const viewer of viewers) assert.deepEqual(sentTo(viewer), [{ n: 0 }, { n: 1 }, { n: 2 }]);
    const nobody = await nodes[1]?.post('/rest-api/stream/event/send', { streamName: 'nobody', payload: 1 });
    assert.equal(nobody?.status, 404);

    for (const node of nodes) {
      const listed = await node.get<readonly Viewer[]>('/api/viewers?stream=cam');
      assert.deepEqual(listed.map((viewer) => viewer.node).sort(), ['a', 'b', 'c']);
    }
    const [a = assert.fail()] = nodes;
    const ofC = (await a.get<readonly Viewer[]>('/api/viewers')).find(({ node }) => node === 'c') ?? assert.fail();
    assert.equal((await a.get<Viewer>(`/api/viewers/${ofC.id}`)).node, 'c');
    const end = async () => (await fetch(`${a.rest}/api/viewers/${ofC.id}`, { method: 'DELETE' })).status;
    assert.deepEqual([await end(), await end()], [204, 404]);
    assert.equal(nodes[2]?.local.viewers().length, 0);
    assert.equal((await a.get<readonly Viewer[]>('/api/viewers')).length, 2);

    const forged = { method: 'POST', headers: { 'Sluice-Mark': 'x' }, body: '{"kind":"recordings"}' };
    assert.equal((await fetch(`${a.rest}/cluster/call`, forged)).status, 403);
  });

  test('a recording that REST has begun goes on at the next owner, and any node lists and leads to the files of all', async (t) => {
    const nodes = await startNodes(t, 2, { recordsTo });
    const { owner, others } = await pulled(nodes, 'cam');
    const [other = assert.fail()] = others;
    const path = `/api/streams/${owner.cluster.streams.find('cam')?.pullId}/recording`;
    assert.equal((await other.post(path, { template: 'of-rest-{duration}' })).status, 200);
    const filesAt = (node: PlayingNode) => node.get<readonly RecordedFile[]>('/api/recordings');
    const ofNode = async (at: PlayingNode, { name }: PlayingNode): Promise<readonly RecordedFile[]> =>
      (await filesAt(at)).filter(({ node, sizeBytes }) => node === name && sizeBytes > 0);
    await until('the owner records', async () => (await ofNode(owner, owner)).length === 1);

    // It plays at the other one already, which then takes it from its source.
    await wcs(t, other, 'cam');
    await owner.cluster.state.handOver();
    await until('the other owns it', () => other.cluster.state.held().length === 1);
    await until('the other records', async () => (await ofNode(owner, other)).length === 1);
    await until('the file before is finished', async () => (await ofNode(other, owner))[0]?.state === 'finished');
    const [file = assert.fail()] = await ofNode(other, owner);
    assert.match(file.fileName ?? '', /^of-rest-/);
    assert.equal(file.url, `${owner.rest}/api/recordings/${file.id}/file`);
    assert.equal((await ofNode(owner, owner))[0]?.url, `/api/recordings/${file.id}/file`);
    for (const what of ['file', 'thumbnail.jpg']) {
      const moved = await fetch(`${other.rest}/api/recordings/${file.id}/${what}`, { redirect: 'manual' });
      assert.deepEqual(
        [moved.status, moved.headers.get('Location')],
        [307, `${owner.rest}/api/recordings/${file.id}/${what}`],
      );
    }
    const bytes = await (await fetch(`${other.rest}/api/recordings/${file.id}/file`)).arrayBuffer();
    assert.equal(bytes.byteLength, file.sizeBytes);
    assert.equal((await other.get<RecordedFile>(`/api/recordings/${file.id}`)).node, owner.name);

    const deleted = (id: string) => fetch(`${other.rest}/api/recordings/${id}`, { method: 'DELETE' });
    assert.deepEqual([(await deleted(file.id)).status, (await deleted(file.id)).status], [204, 404]);
    assert.equal((await fetch(`${owner.rest}${path}`, { method: 'DELETE' })).status, 204, 'it leads to its owner');
    owner.cluster.state.takeAgain();
    await other.cluster.state.handOver();
    await until('the first owns it again', () => owner.cluster.state.held().length === 1);
    await until('it is live', () => owner.cluster.streams.find('cam')?.state === 'PROCESSED_REMOTE');
    assert.equal(owner.local.recordingOf(owner.local.list()[0]?.pullId ?? ''), null, 'it was ended');
  });

  test('a token that is revoked at one node ends its viewers at all, who are not let in any more', async (t) => {
    const nodes = await startNodes(t, 2, { settings: { playback: { secrets: [tokenSecret] } } });
    await pulled(nodes, 'cam');
    const [a = assert.fail(), b = assert.fail()] = nodes;
    const token = await tokenWith({ stream: 'cam', jti: 'of-one' });
    const other = await tokenWith({ stream: 'cam', jti: 'of-another' });
    const whep = async (node: PlayingNode, by: string) => {
      const viewer = await joinWhep(`${node.rest}/whep/cam?token=${by}`);
      t.after(() => viewer.close());
    };
    for (const node of nodes) await whep(node, token);
    await whep(b, other);
    const inUse = await a.get<readonly { id: string; viewers: number }[]>('/api/tokens');
    assert.deepEqual(
      new Map(inUse.map(({ id, viewers }) => [id, viewers])),
      new Map([
        ['of-one', 2],
        ['of-another', 1],
      ]),
    );
    const startMs = performance.now();
    assert.equal((await fetch(`${a.rest}/api/tokens/of-one`, { method: 'DELETE' })).status, 204);
    await until('its viewers have ended', () => a.local.viewers().length + b.local.viewers().length === 1);
    t.diagnostic(`${Math.round(performance.now() - startMs)} ms until its viewers of both nodes had ended`);
    for (const node of nodes) await assert.rejects(whep(node, token), /WHEP answered 40[13]/);
    await whep(a, other);
  });

  test('a token for one time, or for one viewer, is that at all nodes together', async (t) => {
    const nodes = await startNodes(t, 2, { settings: { playback: { secrets: [tokenSecret] } } });
    await pulled(nodes, 'cam');
    const [a = assert.fail(), b = assert.fail()] = nodes;
    const joined = (node: PlayingNode, by: string) => joinWhep(`${node.rest}/whep/cam?token=${by}`);
    const whep = async (node: PlayingNode, by: string) => {
      const viewer = await joined(node, by);
      t.after(() => viewer.close());
      return true;
    };
    const once = await tokenWith({ stream: 'cam', jti: 'once', once: true });
    await whep(a, once);
    await assert.rejects(whep(b, once), /WHEP answered 403: .*one time/);
    const single = await tokenWith({ stream: 'cam', jti: 'single', maxViewers: 1 });
    const viewer = await joined(a, single);
    await assert.rejects(whep(b, single), /WHEP answered 429/);
    await viewer.leave();
    await until('its place is free', () => whep(b, single).catch(() => false), 5000);
    await assert.rejects(whep(a, single), /WHEP answered 429/);
  });
});

test('how much later an edge has its stream is measured by its links, and shown at each node', async (t) => {
  const nodes = await startNodes(t, 3, { settings: { cluster: { maxChildren: 1 } }, linkDelayMs: 50 });
  const { owner, others } = await pulled(nodes, 'cam');
  const { key } = owner.cluster.state.view().claims[0] ?? assert.fail();
  const [first = assert.fail(), second = assert.fail()] = inTreeOrder(key, others);
  await wcs(t, first, 'cam');
  await until('the first edge is known', async () => (await edgesAt(second)).length === 1);
  await wcs(t, second, 'cam');
  const { pullId = '' } = first.cluster.streams.find('cam') ?? {};
  for (const node of nodes) {
    await until(`${node.name} knows`, async () => (await edgesAt(node)).filter(delayed).length === 2);
    const edges = await edgesAt(node);
    assert.deepEqual(new Set(edges.map(({ depth }) => depth)), new Set([1, 2]));
    for (const { depth, delayMs } of edges) {
      t.diagnostic(`at ${node.name}: ${delayMs} ms later by ${depth} links that take 50 ms each`);
      assert.ok((delayMs ?? 0) >= 50 * depth - 1, `${delayMs} ms`);
    }
  }
  const delayAt = async (node: PlayingNode): Promise<number | null> =>
    (await node.get<{ readonly linkDelayMs: number | null }>(`/api/streams/${pullId}`)).linkDelayMs;
  assert.equal(await delayAt(owner), null);
  // What a busy machine adds is gone when it is not busy any more.
  let mostMs = 0;
  const isNear = async (): Promise<boolean> => {
    mostMs = Math.max(((await delayAt(first)) ?? 0) - 50, ((await delayAt(second)) ?? 0) - 100);
    return mostMs < 20;
  };
  await judged(t, {
    measure: () => until('it is near', isNear, 8000).catch(() => false),
    isGood: (isThere) => isThere,
    words: () => `it is said to be ${mostMs} ms more than the relays take`,
    windows: 2,
  });
  const metrics = await (await fetch(`${first.rest}/metrics`)).text();
  assert.match(
    metrics,
    /^sluice_stream_link_delay_seconds\{id="[^"]+",name="cam",node="\w"\} (0\.[1-9]|0\.0[4-9]|[1-9])/m,
  );
});
