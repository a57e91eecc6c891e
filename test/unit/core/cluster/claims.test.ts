import assert from 'node:assert/strict';
import { test } from 'node:test';
import { times } from '../../../../src/core/cluster/member.js';
import { createMember } from '../../../../src/core/cluster/state-machine.js';
import { claim, edge, keyOfRank, kinds, node, nodes, owning, stage, viewOf, wanted } from './member-stage.js';

const wantedChange = (key: string) =>
  ({ kind: 'change', change: { kind: 'wanted', key, wanted: wanted(key), era: '1' } }) as const;
const claimChange = (key: string, nodeId: string, epoch: number) =>
  ({ kind: 'change', change: { kind: 'claim', key, claim: claim(key, nodeId, epoch) } }) as const;

test('it begins by announcing itself and reading', () => {
  const member = createMember(node('a'), { maxChildren: 2 });
  assert.deepEqual(kinds(member.on({ kind: 'time' }, 0)), ['announce', 'read']);
  assert.ok(member.isDegraded);
  member.on({ kind: 'view', view: viewOf({}), askedAtMs: 0 }, 5);
  assert.ok(!member.isDegraded);
});

for (const rank of [0, 1, 2]) {
  test(`the node of rank ${rank} claims what is wanted after ${rank * times.turnMs} ms`, () => {
    const staged = stage();
    const key = keyOfRank('a', rank);
    const acts = [...staged.on(wantedChange(key)), ...staged.wait(Math.max(0, rank * times.turnMs - 1))];
    assert.deepEqual(kinds(acts), rank === 0 ? ['claim'] : []);
    if (rank > 0) assert.deepEqual(kinds(staged.wait(2)), ['claim']);
  });
}

test('it does not claim what another has claimed before its turn', () => {
  const staged = stage();
  const key = keyOfRank('a', 1);
  staged.on(wantedChange(key));
  staged.on(claimChange(key, 'b', 5));
  assert.deepEqual(kinds(staged.wait(5000)), []);
});

test('a claim that is granted is owned, and one that is refused is not', () => {
  const key = keyOfRank('a', 0);
  for (const owner of ['a', 'b']) {
    const staged = stage();
    const [act] = staged.on(wantedChange(key));
    if (act?.kind !== 'claim') return assert.fail();
    const acts = staged.on({ kind: 'claimed', act, claim: claim(key, owner, 5) });
    assert.deepEqual(kinds(acts), owner === 'a' ? ['own 5'] : []);
    assert.deepEqual(kinds(staged.wait(times.renewMs)), owner === 'a' ? ['renew'] : []);
  }
});

test('a draining node claims nothing, nor does one without room', () => {
  for (const self of [node('a', true), node('a', false, 0)]) {
    const staged = stage();
    staged.on({ kind: 'self', node: self });
    staged.on(wantedChange(keyOfRank('a', 0)));
    assert.deepEqual(kinds(staged.wait(5000)), []);
    assert.deepEqual(kinds(staged.on({ kind: 'self', node: node('a') })), ['claim']);
  }
});

test('all claims are renewed in one call, each 2 s', () => {
  const staged = stage();
  for (const key of ['k1', 'k2', 'k3']) {
    staged.on(wantedChange(key));
    staged.grant(staged.wait(1000), 5);
  }
  for (let beat = 0; beat < 3; beat++) {
    const renewals = staged.wait(times.renewMs).filter((act) => act.kind === 'renew');
    assert.deepEqual(
      renewals.map(({ claims }) => claims.map(({ key }) => key)),
      [['k1', 'k2', 'k3']],
    );
    staged.renew(renewals, true);
  }
});

test('an owner that cannot renew is fenced 5 s after it asked for its lease, and plays on', () => {
  const staged = owning('k0');
  const asked = staged.wait(times.renewMs).filter((act) => act.kind === 'renew');
  const askedAtMs = asked.at(-1)?.atMs ?? 0;
  staged.wait(300);
  staged.renew(asked, true);
  staged.on({ kind: 'reachable', isReachable: false });
  const before = staged.wait(askedAtMs + times.fenceMs - 1 - staged.nowMs);
  assert.ok(!kinds(before).includes('own 0'));
  assert.ok(kinds(staged.wait(2)).includes('own 0'));
  assert.deepEqual(staged.member.roles.get('k0'), { ...staged.member.roles.get('k0'), kind: 'owner', isFenced: true });
  assert.ok(!kinds(staged.wait(60_000)).includes('end'));
});

test('fenced, it serves edges again when its claim was renewed after all', () => {
  const staged = owning('k0', 9);
  const renewals = staged.wait(times.fenceMs + 1500).filter((act) => act.kind !== 'claim');
  assert.ok(kinds(renewals).includes('own 0'));
  assert.deepEqual(kinds(staged.renew(renewals.filter(({ kind }) => kind === 'renew').slice(0, 1), true)), []);
  const late = staged.wait(times.renewMs).filter((act) => act.kind === 'renew');
  assert.deepEqual(kinds(staged.renew(late, true)), ['own 9']);
});

test('after a pause it is fenced before anything else', () => {
  const staged = owning('k0');
  staged.nowMs += 10_000;
  const acts = staged.on({ kind: 'needed', key: 'k0', viewers: 1, demand: null });
  assert.equal(kinds(acts)[0], 'own 0');
  // Nobody was heard of meanwhile: that is no news of them.
  assert.ok(staged.member.isDegraded);
  assert.equal(staged.member.known.nodes.length, 3);
});

test('what was answered before a pause gives no lease after it', () => {
  const staged = stage();
  const asked = staged.on(wantedChange(keyOfRank('a', 0)));
  staged.nowMs += 10_000;
  assert.equal(kinds(staged.grant(asked, 5))[0], 'own 0');
});

test('a claim that is lost is claimed again, above what it was', () => {
  const staged = owning('k0', 9);
  const acts = staged.renew(staged.wait(times.renewMs), false);
  assert.deepEqual(kinds(acts), ['own 0', 'claim']);
  assert.equal(acts.find((act) => act.kind === 'claim')?.above, 9);
  assert.deepEqual(kinds(staged.grant(acts, 11)), ['own 11']);
});

test('of two owners the one with the lower epoch gives way: to an edge if it has viewers, else it ends', () => {
  for (const viewers of [0, 3]) {
    const staged = owning('k0', 9);
    staged.on({ kind: 'needed', key: 'k0', viewers, demand: null });
    const acts = staged.on(claimChange('k0', 'b', 10));
    assert.deepEqual(kinds(acts), viewers === 0 ? ['end'] : ['follow 10', 'announceEdges']);
    assert.ok(!kinds(staged.wait(5000)).includes('renew'));
  }
});

test('a claim of a lower epoch than its own is of a registry that lost it: it claims above', () => {
  const staged = owning('k0', 9);
  staged.wait(times.readMs);
  const view = viewOf({ era: '2', wanted: [wanted('k0')], claims: [claim('k0', 'b', 3)] });
  const acts = staged.on({ kind: 'view', view, askedAtMs: staged.nowMs });
  assert.deepEqual(
    acts.map((act) => (act.kind === 'claim' ? act.above : act.kind)),
    [9],
  );
});

test('an edge that has seen a higher epoch has the owner claim above that', () => {
  const staged = owning('k0', 9);
  const acts = staged.on({
    kind: 'change',
    change: { kind: 'edge', key: 'k0', nodeId: 'c', edge: edge('k0', 'c', 40, 'x') },
  });
  assert.equal(acts.find((act) => act.kind === 'claim')?.above, 40);
});

test('a node that is not heard of for a lease is gone, and its streams are claimed', () => {
  const staged = stage({ wanted: [wanted('k0')], claims: [claim('k0', 'b', 5)] });
  assert.deepEqual(kinds(staged.wait(20_000)), []);
  staged.silent.add('b');
  const heardAtMs = staged.nowMs;
  let claimedMs = 0;
  while (claimedMs === 0 && staged.nowMs < heardAtMs + 10_000) {
    if (kinds(staged.wait(100)).includes('claim')) claimedMs = staged.nowMs;
  }
  const afterMs = claimedMs - heardAtMs;
  assert.ok(afterMs > times.leaseMs && afterMs <= times.leaseMs + 1000 + times.turnMs, `${afterMs} ms`);
});

test('a node that leaves in order is followed at once', () => {
  const key = keyOfRank('a', 0);
  const staged = stage({ wanted: [wanted(key)], claims: [claim(key, 'b', 5)] });
  assert.deepEqual(kinds(staged.on({ kind: 'change', change: { kind: 'node', nodeId: 'b', node: null } })), ['claim']);
});

test('who has just come claims nothing before others could say what they have', () => {
  const member = createMember(node('a'), { maxChildren: 2 });
  member.on({ kind: 'time' }, 0);
  const view = viewOf({ nodes: [], wanted: [wanted('k0')] });
  const acts = [...member.on({ kind: 'view', view, askedAtMs: 0 }, 10)];
  for (let nowMs = 20; nowMs < 2 * times.renewMs; nowMs += 10) acts.push(...member.on({ kind: 'time' }, nowMs));
  assert.ok(!kinds(acts).includes('claim'));
  assert.ok(kinds(member.on({ kind: 'time' }, 2 * times.renewMs + 10)).includes('claim'));
});

test('a claim of its own that it has no answer of is taken, and fenced until it is renewed', () => {
  const staged = stage();
  staged.on({ kind: 'needed', key: 'k0', viewers: 1, demand: null });
  const view = viewOf({ wanted: [wanted('k0')], claims: [claim('k0', 'a', 6)] });
  staged.wait(10);
  const acts = staged.on({ kind: 'view', view, askedAtMs: staged.nowMs });
  assert.deepEqual(kinds(acts), ['own 0', 'renew']);
  assert.deepEqual(kinds(staged.renew(acts, true)), ['own 6']);
});

test('what another owns and nobody wants any more ends for all who play it', () => {
  const unwanted = { kind: 'change', change: { kind: 'wanted', key: 'k0', wanted: null, era: '1' } } as const;
  const staged = owning('k0', 9);
  staged.on({ kind: 'needed', key: 'k0', viewers: 3, demand: null });
  assert.deepEqual(kinds(staged.on(unwanted)), ['release', 'end']);
  assert.deepEqual(nodes.length, staged.member.known.nodes.length);
  assert.equal(staged.member.known.claims.length, 0);
});

test('an own claim below an epoch that it knows of is of an old copy of the registry: it is not taken up, and claimed above', () => {
  const key = keyOfRank('a', 0);
  const staged = owning(key, 9);
  assert.deepEqual(kinds(staged.on(claimChange(key, 'b', 12))), ['end']);
  staged.wait(times.readMs);
  const view = viewOf({ era: '2', wanted: [wanted(key)], claims: [claim(key, 'a', 9)] });
  assert.deepEqual(kinds(staged.on({ kind: 'view', view, askedAtMs: staged.nowMs })), []);
  // The others have had the time to say what they own.
  assert.deepEqual(
    staged.wait(2 * times.renewMs).map((act) => (act.kind === 'claim' ? act.above : act.kind)),
    [12],
  );
});
