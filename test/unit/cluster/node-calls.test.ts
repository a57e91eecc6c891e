/** Which calls a node takes as those of another node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNodeCalls } from '../../../src/cluster/node-calls.js';
import { createSecrets } from '../../../src/cluster/secrets.js';

const secrets = createSecrets('a secret of the tests');
const call = JSON.stringify({ kind: 'endViewer', viewerId: 'one' });

function stage() {
  const ended: string[] = [];
  const calls = createNodeCalls({ nodeId: 'this', secrets, nodes: () => new Map(), log: () => {} });
  calls.serve('endViewer', ({ viewerId }) => ended.push(viewerId) > 0);
  return { calls, ended };
}

test('a call with its mark is answered; one that was made for another node, or is another call, is not', async () => {
  const { calls, ended } = stage();
  assert.equal(await calls.take(secrets.callMark('this', call), call), true);
  const others = createSecrets('the secret of another cluster');
  for (const [mark, body] of [
    ['', call],
    [secrets.callMark('another', call), call],
    [others.callMark('this', call), call],
    [secrets.callMark('this', call), call.replace('one', 'two')],
  ] as const) {
    await assert.rejects(calls.take(mark, body), { code: 'link.denied' });
  }
  assert.deepEqual(ended, ['one']);
});

test('what a node of another version asks is refused in words, and what nobody serves has no answer', async () => {
  const { calls } = stage();
  const later = JSON.stringify({ kind: 'ofTheNextVersion' });
  await assert.rejects(calls.take(secrets.callMark('this', later), later), { code: 'request.invalid' });
  const recordings = JSON.stringify({ kind: 'recordings' });
  assert.equal(await calls.take(secrets.callMark('this', recordings), recordings), null);
});
