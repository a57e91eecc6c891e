import assert from 'node:assert/strict';
import { test } from 'node:test';
import { protocol, spoken } from '../../../src/cluster/protocol.js';
import type { MemberEvent } from '../../../src/core/cluster/member.js';
import { nodeRecord } from '../../support/cluster/records.js';

const nodes = [-2, -1, 0, 1, 2].map((by) => nodeRecord(`node ${by}`, { protocol: protocol + by }));

test('nodes of this protocol, of the one before and of the next one are heard, others are left out', () => {
  const refused: string[] = [];
  const refuse = ({ nodeId }: { readonly nodeId: string }): void => void refused.push(nodeId);
  const view = { era: 'e', nodes, wanted: [], claims: [], edges: [], suspects: [], clockMs: 0 };
  const heard = spoken({ kind: 'view', view, askedAtMs: 7 }, refuse);
  assert.deepEqual(heard?.kind === 'view' && heard.view.nodes.map(({ nodeId }) => nodeId), [
    'node -1',
    'node 0',
    'node 1',
  ]);
  assert.deepEqual(refused, ['node -2', 'node 2']);
  const told = nodes.map((node): MemberEvent => {
    const { nodeId } = node;
    return { kind: 'change', change: { kind: 'node', nodeId, node } };
  });
  assert.deepEqual(
    told.map((event) => spoken(event, refuse) === event),
    [false, true, true, true, false],
  );
});

test('what is not of nodes is left as it is', () => {
  for (const event of [
    { kind: 'time' },
    { kind: 'change', change: { kind: 'node', nodeId: 'a', node: null } },
    { kind: 'change', change: { kind: 'wanted', key: 'one', wanted: null, era: '1' } },
  ] as const) {
    assert.equal(
      spoken(event, () => assert.fail()),
      event,
    );
  }
});
