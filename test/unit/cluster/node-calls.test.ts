/** Which calls a node takes as those of another node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNodeCalls } from '../../../src/cluster/node-calls.js';
import { createSecrets } from '../../../src/cluster/secrets.js';
import type { CallWay } from '../../../src/core/cluster/node-call.js';
import type { NodeRecord } from '../../../src/core/cluster/records.js';
import { nodeRecord } from '../../support/cluster/records.js';

const secrets = createSecrets('a secret of the tests');
const others = createSecrets('the secret of another cluster');
const call = JSON.stringify({ kind: 'endViewer', viewerId: 'one' });
const way: CallWay = { from: 'that', to: 'this', number: 1 };

function stage(nodes: readonly NodeRecord[] = []) {
  const ended: string[] = [];
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const calls = createNodeCalls({ nodeId: 'this', secrets, nodes: () => byId, log: () => {} });
  calls.serve('endViewer', ({ viewerId }) => ended.push(viewerId) > 0);
  const take = (headers: Readonly<Record<string, string>>, body: Buffer | string) =>
    calls.take({ header: (name) => headers[name] ?? '', body: Buffer.from(body) });
  return {
    ended,
    sealed: ({ from, number }: CallWay, body: Buffer) =>
      take({ 'sluice-from': from, 'sluice-call': `${number}` }, body),
    marked: (mark: string, body: string) => take({ 'sluice-mark': mark }, body),
  };
}

const answerIn = (bytes: Uint8Array | string, at: CallWay): unknown =>
  JSON.parse(secrets.openCall(at, 'answer', Buffer.from(bytes)) ?? 'null');
const sealedCall = (at: CallWay, text = call): Buffer => secrets.sealCall(at, 'call', text);
const denied = { code: 'link.denied' };

test('a call is answered once: one that was recorded is refused, however often and late it is sent again', async () => {
  const { sealed, ended } = stage();
  const recorded = sealedCall(way);
  assert.deepEqual(answerIn(await sealed(way, recorded), way), { answer: true });
  await assert.rejects(sealed(way, recorded), denied);
  for (let number = 2; number <= 200; number++) await sealed({ ...way, number }, sealedCall({ ...way, number }));
  await assert.rejects(sealed(way, recorded), denied);
  assert.equal(ended.length, 200);
});

test('calls that overtake each other are all taken', async () => {
  const { sealed, ended } = stage();
  for (const number of [5, 3, 4, 1, 2]) await sealed({ ...way, number }, sealedCall({ ...way, number }));
  assert.equal(ended.length, 5);
});

test('a call to another node, of another one or another life of it, with another number, changed, or by another secret is refused', async () => {
  const { sealed, ended } = stage();
  const good = sealedCall(way);
  const changed = Buffer.from(good);
  changed[0] = (changed[0] ?? 0) ^ 1;
  for (const [at, body] of [
    [way, sealedCall({ ...way, to: 'another' })],
    [{ ...way, from: 'its next life' }, good],
    [{ ...way, number: 2 }, good],
    [{ ...way, number: 1.5 }, good],
    [{ ...way, number: -1 }, good],
    [{ ...way, number: 2 ** 60 }, good],
    [way, changed],
    [way, Buffer.alloc(0)],
    [way, good.subarray(0, -1)],
    [way, others.sealCall(way, 'call', call)],
    [way, secrets.sealCall(way, 'answer', call)],
  ] as const) {
    await assert.rejects(sealed(at, body), denied);
  }
  assert.deepEqual(ended, []);
  // None of them has used the number up.
  await sealed(way, good);
});

test('nothing of a call or of its answer can be read', () => {
  for (const part of ['call', 'answer'] as const) {
    const sealed = secrets.sealCall(way, part, call);
    assert.ok(!sealed.toString('latin1').includes('Viewer'));
    assert.equal(secrets.openCall(way, part, sealed), call);
  }
});

test('what a node of another version asks is refused in words, and what nobody serves has no answer', async () => {
  const { sealed } = stage();
  const later = sealedCall(way, JSON.stringify({ kind: 'ofTheNextVersion' }));
  assert.deepEqual(answerIn(await sealed(way, later), way), {
    refused: { code: 'request.invalid', detail: 'this node does not know the call' },
  });
  const second = { ...way, number: 2 };
  const recordings = sealedCall(second, JSON.stringify({ kind: 'recordings' }));
  assert.deepEqual(answerIn(await sealed(second, recordings), second), { answer: null });
});

test('a call in clear counts with its mark, as long as there is a node that cannot seal it', async () => {
  const before = stage([nodeRecord('that', { protocol: 1 }), nodeRecord('this')]);
  assert.equal(await before.marked(secrets.callMark('this', call), call), 'true');
  for (const [mark, body] of [
    ['', call],
    [secrets.callMark('another', call), call],
    [others.callMark('this', call), call],
    [secrets.callMark('this', call), call.replace('one', 'two')],
  ] as const) {
    await assert.rejects(before.marked(mark, body), denied);
  }
  const now = stage([nodeRecord('that'), nodeRecord('this')]);
  await assert.rejects(now.marked(secrets.callMark('this', call), call), denied);
  assert.deepEqual([before.ended, now.ended], [['one'], []]);
});
