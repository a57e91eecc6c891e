import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterEvent } from '../../../src/cluster/cluster-state.js';
import { clusterView } from '../../../src/cluster/known.js';
import { createNodeEvents } from '../../../src/cluster/node-events.js';
import type { NodeRecord, RegistryReading } from '../../../src/core/cluster/records.js';
import { claimWish, nodeRecord, wantedStream } from '../../support/cluster/records.js';

const [me, other, third] = [nodeRecord('me'), nodeRecord('other'), nodeRecord('third')];
const viewOf = (nodes: readonly NodeRecord[], change: Partial<RegistryReading> = {}): RegistryReading => ({
  era: 'e',
  nodes,
  wanted: [wantedStream('one')],
  claims: [],
  edges: [],
  suspects: [],
  clockMs: 0,
  ...change,
});
const known = (view: RegistryReading) => clusterView({ known: view, quarantined: new Map() });

function stage() {
  const events = createNodeEvents('me');
  const told: ClusterEvent[] = [];
  events.onEvent((event) => told.push(event));
  const take = (): readonly ClusterEvent[] => told.splice(0);
  return { events, take };
}

test('nodes come and go, but for this one', () => {
  const { events, take } = stage();
  events.heard({ kind: 'view', view: viewOf([me, other]), askedAtMs: 0 });
  events.nodesKnown(known(viewOf([me, other])).nodes);
  assert.deepEqual(take(), [{ kind: 'joined', nodeId: 'me', nodes: 2 }]);
  events.nodesKnown(known(viewOf([me, third])).nodes);
  assert.deepEqual(take(), [
    { kind: 'nodeCame', nodeId: 'third', name: 'name of third' },
    { kind: 'nodeLost', nodeId: 'other', name: 'name of other' },
  ]);
  events.heard({ kind: 'view', view: viewOf([me, third]), askedAtMs: 0 });
  assert.deepEqual(take(), [], 'it joins once');
  events.nodesKnown(known(viewOf([me, { ...third, isDraining: true }])).nodes);
  events.nodesKnown(known(viewOf([me])).nodes);
  assert.deepEqual(take(), [{ kind: 'nodeLeft', nodeId: 'third', name: 'name of third' }]);
});

test('a node of another protocol is told of once', () => {
  const { events, take } = stage();
  events.refuse(nodeRecord('late', { protocol: 9 }));
  events.refuse(nodeRecord('late', { protocol: 9 }));
  assert.deepEqual(take(), [{ kind: 'refusedNode', nodeId: 'late', name: 'name of late', protocol: 9 }]);
});

test('what becomes of a stream is told from change to change', () => {
  const { events, take } = stage();
  const claim = { ...claimWish('one', 'other'), epoch: 4 };
  const of3 = known(viewOf([me, other, third], { claims: [claim] }));
  const of = { key: 'one', pullId: 'p' };
  events.heard({ kind: 'change', change: { kind: 'claim', key: 'one', claim } });
  events.acting({ kind: 'own', key: 'one', epoch: 0 }, of3, 'p');
  assert.deepEqual(take(), [], 'without a claim it is nobody else’s affair');
  events.acting({ kind: 'own', key: 'one', epoch: 5 }, of3, 'p');
  events.acting({ kind: 'own', key: 'one', epoch: 0 }, of3, 'p');
  events.acting({ kind: 'own', key: 'one', epoch: 5 }, of3, 'p');
  assert.deepEqual(take(), [
    { kind: 'claimed', ...of, epoch: 5, from: 'name of other' },
    { kind: 'fenced', ...of, epoch: 5 },
  ]);
  events.acting({ kind: 'follow', key: 'one', epoch: 6, parentId: 'other' }, of3, 'p');
  events.acting({ kind: 'follow', key: 'one', epoch: 6, parentId: 'other' }, of3, 'p');
  events.acting({ kind: 'follow', key: 'one', epoch: 6, parentId: 'third' }, of3, 'p');
  assert.deepEqual(take(), [
    { kind: 'gaveWay', ...of, epoch: 6, to: 'name of other' },
    { kind: 'linkMoved', ...of, epoch: 6, parentId: 'name of third' },
  ]);
  events.acting({ kind: 'end', key: 'one' }, of3, '');
  events.acting({ kind: 'follow', key: 'one', epoch: 7, parentId: 'third' }, of3, 'p');
  assert.deepEqual(take(), [], 'it begins anew');
});
