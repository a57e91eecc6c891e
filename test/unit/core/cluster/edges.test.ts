import assert from 'node:assert/strict';
import { test } from 'node:test';
import { times } from '../../../../src/core/cluster/member.js';
import { claim, edge, following, keyOfRank, kinds, node, owning, type Staged, stage, wanted } from './member-stage.js';

const demand = { pullId: 'p', name: null };
const needed = (key: string, viewers: number) => ({ kind: 'needed', key, viewers, demand }) as const;
const claimChange = (key: string, nodeId: string, epoch: number) =>
  ({ kind: 'change', change: { kind: 'claim', key, claim: claim(key, nodeId, epoch) } }) as const;
const drainChange = (nodeId: string, isDraining: boolean) =>
  ({ kind: 'change', change: { kind: 'node', nodeId, node: node(nodeId, isDraining) } }) as const;
const parentOf = (staged: Staged, key: string): string | undefined => {
  const role = staged.member.roles.get(key);
  return role?.kind === 'edge' ? role.parentId : undefined;
};

test('what viewers ask for on demand is claimed at once, and ends with them', () => {
  const staged = stage();
  const acts = staged.on(needed('k0', 1));
  assert.deepEqual(kinds(acts), ['claim']);
  assert.deepEqual(kinds(staged.grant(acts, 5)), ['own 5']);
  assert.deepEqual(kinds(staged.on(needed('k0', 0))), ['release', 'end']);
  assert.equal(staged.member.known.claims.length, 0);
});

test('what is wanted stays without viewers', () => {
  const staged = owning('k0');
  staged.on(needed('k0', 1));
  assert.deepEqual(kinds(staged.on(needed('k0', 0))), []);
});

test('a claim on demand that is granted when its last viewer has gone is given back', () => {
  const staged = stage();
  const acts = staged.on(needed('k0', 1));
  staged.on(needed('k0', 0));
  assert.deepEqual(kinds(staged.grant(acts, 5)), ['release']);
});

test('what another owns is played from there while it has viewers', () => {
  const staged = following('k0', 7);
  assert.deepEqual(staged.member.roles.get('k0'), { kind: 'edge', epoch: 7, parentId: 'b', depth: 1, lostMs: null });
  assert.deepEqual(kinds(staged.on({ kind: 'needed', key: 'k0', viewers: 0, demand: null })), ['withdrawEdge', 'end']);
});

test('its record in the registry is renewed each 2 s', () => {
  const staged = following('k0', 7);
  const told = staged.wait(times.renewMs).filter((act) => act.kind === 'announceEdges');
  assert.deepEqual(told[0]?.edges, [edge('k0', 'a', 7, 'b')]);
});

test('a higher epoch is followed at once, a lower one never', () => {
  const staged = following('k0', 7);
  assert.deepEqual(kinds(staged.on(claimChange('k0', 'c', 6))), []);
  assert.deepEqual(kinds(staged.on(claimChange('k0', 'c', 9))), ['follow 9', 'announceEdges']);
  assert.equal(parentOf(staged, 'k0'), 'c');
  assert.deepEqual(kinds(staged.on(claimChange('k0', 'b', 8))), []);
});

test('with its owner gone it waits for the next one, and becomes it when it is its turn', () => {
  const key = keyOfRank('a', 1);
  const staged = following(key, 7);
  assert.deepEqual(kinds(staged.on({ kind: 'change', change: { kind: 'claim', key, claim: null } })), []);
  const acts = staged.wait(times.turnMs);
  assert.deepEqual(kinds(acts), ['claim']);
  assert.deepEqual(kinds(staged.grant(acts, 8)), ['withdrawEdge', 'own 8']);
});

test('a link to an owner that lives is given up after a while, for one by way of another edge', () => {
  // c comes before a in the order of the tree for one of some keys.
  const keys = Array.from({ length: 20 }, (_, at) => `k${at}`);
  const moved = keys.filter((key) => {
    const staged = following(key, 7);
    staged.on({ kind: 'change', change: { kind: 'edge', key, nodeId: 'c', edge: edge(key, 'c', 7, 'b') } });
    assert.equal(parentOf(staged, key), 'b');
    staged.on({ kind: 'linkLost', key, parentId: 'b' });
    assert.equal(parentOf(staged, key), 'b');
    staged.wait(3000);
    staged.on({ kind: 'linkLost', key, parentId: 'b' });
    return parentOf(staged, key) === 'c';
  });
  assert.ok(moved.length > 0 && moved.length < keys.length, `${moved}`);
});

test('an owner that drains is succeeded: media first, then its claim', () => {
  const key = keyOfRank('a', 0);
  const staged = stage({ wanted: [wanted(key)], claims: [claim(key, 'b', 7)] });
  assert.deepEqual(kinds(staged.on(drainChange('b', true))), ['own 0']);
  const acts = staged.on({ kind: 'playing', key });
  assert.deepEqual(
    acts.map((act) => (act.kind === 'claim' ? act.above : act.kind)),
    [8],
  );
  assert.deepEqual(kinds(staged.grant(acts, 9)), ['own 9']);
});

test('a successor without media gives the next one its chance', () => {
  const first = stage({ wanted: [wanted('k0')], claims: [claim('k0', 'b', 7)] });
  const key = keyOfRank('a', 0);
  const staged = stage({ wanted: [wanted(key)], claims: [claim(key, 'b', 7)] });
  staged.on(drainChange('b', true));
  const acts: string[] = [];
  // As it says in its announcements.
  staged.silent.add('b');
  for (let ms = 0; ms < times.handOverMs; ms += 1000) {
    acts.push(...kinds(staged.wait(1000)), ...kinds(staged.on(drainChange('b', true))));
  }
  assert.deepEqual(
    acts.filter((kind) => kind === 'end'),
    ['end'],
  );
  assert.equal(first.member.roles.size, 0);
});

test('a successor with media keeps its viewers though the registry is gone when it was to have them', () => {
  const key = keyOfRank('a', 0);
  for (const isRivalThere of [true, false]) {
    const staged = stage({ wanted: [wanted(key)], claims: [claim(key, 'b', 7)] });
    staged.on({ kind: 'needed', key, viewers: 2, demand: null });
    staged.on(drainChange('b', true));
    staged.on({ kind: 'playing', key });
    if (!isRivalThere) staged.on({ kind: 'change', change: { kind: 'claim', key, claim: null } });
    staged.on({ kind: 'reachable', isReachable: false });
    assert.deepEqual(
      kinds(staged.wait(2 * times.handOverMs)),
      [],
      `the other one is ${isRivalThere ? '' : 'not '}there`,
    );
  }
});

test('who drains no longer takes its streams back from nobody', () => {
  const key = keyOfRank('a', 0);
  const staged = stage({ wanted: [wanted(key)], claims: [claim(key, 'b', 7)] });
  staged.on(drainChange('b', true));
  assert.deepEqual(kinds(staged.on(drainChange('b', false))), ['end']);
  assert.deepEqual(kinds(staged.wait(20_000)), []);
});

test('a draining owner keeps what it has until there is a successor, and gives way then', () => {
  const staged = owning('k0', 7);
  staged.on({ kind: 'self', node: node('a', true) });
  const acts = staged.wait(times.renewMs);
  assert.deepEqual(kinds(acts), ['renew']);
  staged.renew(acts, true);
  assert.deepEqual(kinds(staged.on(claimChange('k0', 'b', 9))), ['end']);
});
