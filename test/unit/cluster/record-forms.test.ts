/** Records of nodes of other versions: what they say more is left out, what they say less has a default. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  readChange,
  readClaim,
  readEdge,
  readNode,
  readSuspect,
  readWanted,
} from '../../../src/cluster/record-forms.js';
import { edgeRecord, nodeRecord, wantedStream } from '../../support/cluster/records.js';

const more = { aLaterField: { of: 'the next version' } };

test('fields that are not known are left out', () => {
  const claim = { key: 'k', nodeId: 'a', epoch: 1, pullId: 'p', name: null, shown: '{}' };
  const [node, wanted, edge] = [nodeRecord('a'), wantedStream('k'), edgeRecord('k', 'a')];
  assert.deepEqual(readNode(JSON.stringify(Object.assign({}, node, more))), node);
  assert.deepEqual(readWanted(JSON.stringify(Object.assign({}, wanted, more))), wanted);
  assert.deepEqual(readClaim(JSON.stringify(Object.assign({}, claim, more))), claim);
  assert.deepEqual(readEdge(JSON.stringify(Object.assign({}, edge, more))), edge);
  const suspect = { key: 'k', dead: ['a'], atMs: 1 };
  assert.deepEqual(readSuspect(JSON.stringify(Object.assign({}, suspect, more))), suspect);
  const change = { kind: 'edge', key: 'k', nodeId: 'a', edge };
  assert.deepEqual(readChange(JSON.stringify(Object.assign({}, change, more))), change);
});

test('what a node does not say has a default', () => {
  const { label, isDraining, trialKey, ...less } = nodeRecord('a', { label: 'hall', isDraining: true, trialKey: 'k' });
  assert.deepEqual([label, isDraining, trialKey], ['hall', true, 'k']);
  assert.deepEqual(readNode(JSON.stringify(less)), nodeRecord('a'));
  const change = { kind: 'wanted', key: 'k', wanted: null };
  assert.deepEqual(readChange(JSON.stringify(change)), Object.assign({}, change, { era: '' }));
});

test('a node of the version before says nothing of its network', () => {
  const { kbps, ...room } = nodeRecord('a').room;
  assert.equal(kbps, null);
  assert.deepEqual(readNode(JSON.stringify(Object.assign(nodeRecord('a'), { room }))), nodeRecord('a'));
});

test('what has another form, or is none, is as good as not there', () => {
  for (const broken of ['', '{', '[]', 'null', '{"nodeId":"a"}', JSON.stringify(nodeRecord('a', { protocol: -1 }))]) {
    assert.equal(readNode(broken), null, broken);
  }
  assert.equal(readChange('{"kind":"other","key":"k"}'), null);
});
