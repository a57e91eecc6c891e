import assert from 'node:assert/strict';
import { test } from 'node:test';
import { times } from '../../../../src/core/cluster/member.js';
import {
  claim,
  following,
  keyOfRank,
  kinds,
  node,
  nodes,
  owning,
  type Staged,
  stage,
  viewOf,
  wanted,
} from './member-stage.js';

const away = { kind: 'reachable', isReachable: false } as const;
const back = (staged: Staged, parts: Parameters<typeof viewOf>[0]) => {
  staged.wait(10);
  staged.on({ kind: 'reachable', isReachable: true });
  return staged.on({ kind: 'view', view: viewOf(parts), askedAtMs: staged.nowMs });
};
const want = (key: string) => ({ kind: 'want', stream: wanted(key) }) as const;

test('what is wanted goes to the registry, and is claimed when it is told', () => {
  const key = keyOfRank('a', 0);
  const staged = stage();
  const [act] = staged.on(want(key));
  if (act?.kind !== 'want') return assert.fail();
  assert.deepEqual(kinds(staged.on({ kind: 'wanted', act, isGranted: true, era: '1' })), ['claim']);
});

test('what another has under this key, or this name, is not', () => {
  const staged = stage();
  const [act] = staged.on(want(keyOfRank('a', 0)));
  if (act?.kind !== 'want') return assert.fail();
  assert.deepEqual(kinds(staged.on({ kind: 'wanted', act, isGranted: false, era: '1' })), []);
  assert.deepEqual(kinds(staged.wait(5000)), []);
});

test('while the registry is away the node that is asked takes it, and puts it right afterwards', () => {
  const staged = stage();
  staged.on(away);
  assert.deepEqual(kinds(staged.on(want('k0'))), ['own 0']);
  assert.ok(!kinds(staged.wait(30_000)).includes('end'));
  const acts = back(staged, {});
  assert.deepEqual(kinds(acts), ['want', 'claim']);
  assert.deepEqual(kinds(staged.grant(acts, 5)), ['own 5']);
});

test('a registry that goes while it is asked is away: the node takes what it asked for', () => {
  const staged = stage();
  assert.deepEqual(kinds(staged.on(want('k0'))), ['want']);
  assert.deepEqual(kinds(staged.on(away)), ['own 0']);
});

test('a registry that goes just after it was read is read again soon, also where nobody says that it is back', () => {
  const staged = stage();
  staged.on({ kind: 'view', view: viewOf({}), askedAtMs: staged.nowMs });
  staged.on(away);
  staged.nowMs += times.renewMs;
  assert.ok(staged.member.on({ kind: 'time' }, staged.nowMs).some(({ kind }) => kind === 'read'));
});

test('of two that took it meanwhile the second gives way', () => {
  for (const viewers of [0, 2]) {
    const staged = stage();
    staged.on(away);
    staged.on(want('k0'));
    staged.on({ kind: 'needed', key: 'k0', viewers, demand: null });
    const acts = back(staged, { wanted: [wanted('k0', 'of another')], claims: [claim('k0', 'b', 5)] });
    assert.deepEqual(kinds(acts), viewers === 0 ? ['end'] : ['follow 5', 'announceEdges']);
  }
});

test('refused when the registry is back, since its name is taken, it plays for its viewers alone', () => {
  for (const viewers of [0, 2]) {
    const staged = stage();
    staged.on(away);
    staged.on(want('k0'));
    staged.on({ kind: 'needed', key: 'k0', viewers, demand: null });
    const [act] = back(staged, {});
    if (act?.kind !== 'want') return assert.fail();
    staged.on({ kind: 'wanted', act, isGranted: false, era: '1' });
    assert.equal(staged.member.roles.has('k0'), viewers > 0);
  }
});

test('nothing that plays ends while the registry is away, however long', () => {
  for (const staged of [owning('k0'), following('k0')]) {
    staged.on(away);
    assert.ok(!kinds(staged.wait(600_000)).includes('end'));
    assert.ok(staged.member.roles.has('k0'));
  }
});

test('a viewer of what nobody owns, as far as is known, has it pulled here', () => {
  const staged = stage();
  staged.on(away);
  const demand = { pullId: 'p', name: null };
  assert.deepEqual(kinds(staged.on({ kind: 'needed', key: 'k0', viewers: 1, demand })), ['own 0']);
});

test('cut off from the registry, an edge that is sent away takes the stream without a claim, then from its source', () => {
  const staged = following('k0', 7);
  const lost = { kind: 'linkLost', key: 'k0', parentId: 'b' } as const;
  assert.deepEqual(kinds(staged.on(lost)), []);
  staged.on(away);
  assert.deepEqual(kinds(staged.on(lost)), ['withdrawEdge', 'follow 0']);
  assert.deepEqual(kinds(staged.on(lost)), ['own 0']);
  const acts = back(staged, { wanted: [wanted('k0')], claims: [claim('k0', 'b', 8)] });
  assert.deepEqual(kinds(acts), ['follow 8', 'announceEdges']);
});

test('an owner that comes back claims at once, whom others are to leave time for', () => {
  const staged = owning('k0', 9);
  staged.on(away);
  staged.wait(20_000);
  const renewals = staged.on({ kind: 'reachable', isReachable: true });
  assert.deepEqual(
    kinds(staged.on({ kind: 'view', view: viewOf({ wanted: [wanted('k0')], nodes: [] }), askedAtMs: staged.nowMs })),
    [],
  );
  assert.deepEqual(kinds(staged.renew(renewals, false)), ['claim']);
  const other = stage({ wanted: [wanted('k0')], claims: [claim('k0', 'b', 9)] });
  other.on(away);
  other.wait(20_000);
  assert.deepEqual(kinds(back(other, { wanted: [wanted('k0')], nodes: [] })), []);
  assert.ok(!kinds(other.wait(2 * times.renewMs - 1)).includes('claim'));
});

test('a registry that has lost all is told again what is wanted, and who owns it', () => {
  const staged = owning('k0', 9);
  staged.wait(times.readMs);
  const acts = staged.on({ kind: 'view', view: viewOf({ era: '2' }), askedAtMs: staged.nowMs });
  assert.deepEqual(kinds(acts), ['want']);
  const renewed = staged.renew(staged.wait(times.renewMs), false);
  assert.deepEqual(
    renewed.filter((act) => act.kind === 'claim').map(({ above }) => above),
    [9],
  );
});

test('what is not wanted any more in the same registry was terminated', () => {
  const staged = owning('k0', 9);
  staged.wait(times.readMs);
  const view = viewOf({ claims: [claim('k0', 'a', 9)] });
  assert.deepEqual(kinds(staged.on({ kind: 'view', view, askedAtMs: staged.nowMs })), ['release', 'end']);
});

test('what was terminated, and comes again with an old copy of the registry, is terminated again', () => {
  const staged = stage({ wanted: [wanted('k0')], claims: [claim('k0', 'b', 5)] });
  staged.on({ kind: 'change', change: { kind: 'wanted', key: 'k0', wanted: null, era: '1' } });
  staged.on({ kind: 'change', change: { kind: 'claim', key: 'k0', claim: null } });
  staged.wait(times.readMs);
  const acts = staged.on({ kind: 'view', view: viewOf({ era: '2', wanted: [wanted('k0')] }), askedAtMs: staged.nowMs });
  assert.deepEqual(acts, [{ kind: 'unwant', key: 'k0', pullId: 'pull k0' }]);
  assert.deepEqual(kinds(staged.wait(10_000)), []);
});

test('what was terminated, and is put back by a node that did not hear of it, is terminated again', () => {
  const staged = stage({ wanted: [wanted('k0')], claims: [claim('k0', 'b', 5)] });
  staged.on({ kind: 'change', change: { kind: 'wanted', key: 'k0', wanted: null, era: '1' } });
  staged.wait(1000);
  const acts = staged.on({ kind: 'change', change: { kind: 'wanted', key: 'k0', wanted: wanted('k0'), era: '1' } });
  assert.deepEqual(acts, [{ kind: 'unwant', key: 'k0', pullId: 'pull k0' }]);
  const anew = staged.on({
    kind: 'change',
    change: { kind: 'wanted', key: 'k0', wanted: wanted('k0', 'another pull'), era: '1' },
  });
  assert.deepEqual(kinds(anew), []);
  assert.equal(staged.member.known.wanted.length, 1);
});

test('a reading that a later one has overtaken, or that is older than what was heard, changes nothing', () => {
  const staged = owning('k0', 9);
  const empty = viewOf({});
  const { nowMs } = staged;
  assert.deepEqual(kinds(staged.on({ kind: 'view', view: empty, askedAtMs: nowMs - 900 })), []);
  staged.wait(100);
  const view = viewOf({ wanted: [wanted('k0')], claims: [claim('k0', 'a', 9)] });
  staged.on({ kind: 'view', view, askedAtMs: staged.nowMs });
  assert.deepEqual(kinds(staged.on({ kind: 'view', view: empty, askedAtMs: staged.nowMs - 50 })), []);
  assert.deepEqual(
    staged.member.known.nodes.map(({ nodeId }) => nodeId).toSorted(),
    nodes.map(({ nodeId }) => nodeId),
  );
});

test('what was said of a registry that has lost all since does not make what is missing a terminated stream', () => {
  const late = [
    { kind: 'change', change: { kind: 'wanted', key: 'k0', wanted: wanted('k0'), era: '1' } },
    { kind: 'wanted', act: { kind: 'want', stream: wanted('k0') }, isGranted: true, era: '1' },
  ] as const;
  for (const event of late) {
    const staged = following('k0', 9);
    const read = () => {
      const waited = staged.wait(times.renewMs);
      const acts = staged.on({ kind: 'view', view: viewOf({ era: '2' }), askedAtMs: staged.nowMs });
      return kinds([...waited, ...acts]).filter((kind) => kind === 'want' || kind === 'end');
    };
    staged.wait(times.readMs);
    // Its owner has not put it back when it is read again: a moment later this one does.
    const readAgain = () => [...read(), ...read(), ...read()];
    assert.deepEqual(readAgain(), ['want'], 'it is put back');
    staged.on(event);
    // Once more, where the call has been answered: the answer was that of the registry before.
    assert.deepEqual(readAgain(), event.kind === 'wanted' ? ['want'] : []);
    assert.ok(staged.member.roles.has('k0'));
  }
});

test('what another node has put back meanwhile is not put back again', () => {
  const staged = following('k0', 9);
  const view = viewOf({ era: '2' });
  staged.wait(times.readMs);
  for (let count = 0; count < 2; count++) {
    staged.wait(100);
    assert.deepEqual(kinds(staged.on({ kind: 'view', view, askedAtMs: staged.nowMs })), []);
  }
  staged.on({ kind: 'change', change: { kind: 'wanted', key: 'k0', wanted: wanted('k0'), era: '2' } });
  assert.ok(!kinds(staged.wait(times.renewMs)).includes('want'));
});

test('a registry that has lost nothing of what it said, and misses it now, has terminated it', () => {
  const staged = following('k0', 9);
  const read = (parts: Parameters<typeof viewOf>[0]) => {
    staged.wait(times.renewMs);
    return kinds(staged.on({ kind: 'view', view: viewOf(parts), askedAtMs: staged.nowMs }));
  };
  assert.deepEqual(read({ era: '2', wanted: [wanted('k0')], claims: [claim('k0', 'b', 9)] }), []);
  assert.deepEqual(read({ era: '2', claims: [claim('k0', 'b', 9)] }), ['withdrawEdge', 'end']);
});

test('a node whose announcement is taken by the registry of another era reads it at once, and no more than once a second', () => {
  const staged = stage();
  const announced = (era: string) => {
    staged.nowMs += 10;
    return kinds(
      staged.member.on({ kind: 'announced', act: { kind: 'announce', node: node('a') }, era }, staged.nowMs),
    );
  };
  staged.wait(times.renewMs + 100);
  assert.deepEqual(announced('1'), []);
  assert.deepEqual([announced('2'), announced('2')], [['read'], []]);
  staged.nowMs += 1000;
  assert.deepEqual(announced('2'), ['read']);
});

test('of readings that are under way side by side one counts, and another is asked for', () => {
  const staged = owning('k0', 9);
  staged.wait(100);
  const { nowMs } = staged;
  const whole = viewOf({ wanted: [wanted('k0')], claims: [claim('k0', 'a', 9)] });
  const read = (view: typeof whole, askedAtMs: number) => {
    staged.nowMs += 20;
    return kinds(staged.member.on({ kind: 'view', view, askedAtMs }, staged.nowMs));
  };
  assert.deepEqual(read(whole, nowMs), []);
  // It was asked for later than the one that is known, and before that came: which of them is newer, nobody knows.
  assert.deepEqual(read(viewOf({}), nowMs + 10), ['read']);
  assert.deepEqual(read(viewOf({}), staged.nowMs), ['release', 'end']);
});

test('what is unowned in a registry that was emptied is left to its owner for a while', () => {
  const key = keyOfRank('a', 0);
  const claimedAfterMs = (era: string): number => {
    const staged = stage({ wanted: [wanted(key)], claims: [claim(key, 'b', 9)] });
    staged.wait(times.renewMs);
    const acts = [
      ...staged.on({ kind: 'view', view: viewOf({ era, wanted: [wanted(key)] }), askedAtMs: staged.nowMs }),
    ];
    const fromMs = staged.nowMs;
    while (!kinds(acts).includes('claim')) acts.push(...staged.wait(100));
    return staged.nowMs - fromMs;
  };
  assert.deepEqual([claimedAfterMs('1'), claimedAfterMs('2')], [0, 2 * times.renewMs]);
});
