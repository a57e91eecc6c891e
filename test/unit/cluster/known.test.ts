import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterView, elsewhere } from '../../../src/cluster/known.js';
import type { NodeRecord, RegistryView } from '../../../src/core/cluster/records.js';
import { claimWish, edgeRecord, nodeRecord, wantedStream } from '../../support/cluster/records.js';

const withViewers = (nodeId: string, viewers: number, change: Partial<NodeRecord> = {}): NodeRecord =>
  nodeRecord(nodeId, { room: { cpu: 100, kbps: null, streams: 10, viewers }, ...change });

const view = (nodes: readonly NodeRecord[], change: Partial<RegistryView> = {}) =>
  clusterView({
    known: { era: 'e', nodes, wanted: [], claims: [], edges: [], ...change },
    quarantined: new Map(),
  });

const claims = [{ ...claimWish('one', 'owner'), epoch: 1 }];
const edges = [edgeRecord('one', 'edge'), edgeRecord('two', 'other')];

for (const [what, nodes, expected] of [
  [
    'the roomiest of those that play it',
    [withViewers('owner', 5), withViewers('edge', 7), withViewers('other', 9)],
    'edge',
  ],
  ['one that does not play it yet, where those are full', [withViewers('owner', 0), withViewers('other', 9)], 'other'],
  ['none that drains', [withViewers('owner', 5, { isDraining: true }), withViewers('other', 1)], 'other'],
  ['nobody, where all are full', [withViewers('owner', 0), withViewers('self', 9)], null],
] as const) {
  test(`somebody who does not fit here is sent to ${what}`, () => {
    assert.equal(elsewhere(view(nodes, { claims, edges }), 'one', 'self')?.nodeId ?? null, expected);
  });
}

test('what is known is found by key and id', () => {
  const wanted = wantedStream('one');
  const known = view([nodeRecord('a')], { wanted: [wanted], claims, edges });
  assert.equal(known.wanted.get('one'), wanted);
  assert.equal(known.claims.get('one')?.nodeId, 'owner');
  assert.equal(known.nodes.get('a')?.nodeId, 'a');
  assert.deepEqual(known.edgesOf('two'), [edges[1]]);
  assert.deepEqual(known.edgesOf('three'), []);
});
