/** Streams that nodes die of: who is to blame, for how long nobody pulls it, and who tries it then. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Act, times } from '../../../../src/core/cluster/member.js';
import { blamed, deathsKeptMs, deathsOf, pauseMs, trialMs } from '../../../../src/core/cluster/quarantine.js';
import { newStream } from '../../../../src/core/cluster/stream.js';
import { claim, edge, following, keyOfRank, kinds, node, type Staged, stage, wanted } from './member-stage.js';

test('the pause, and the trial behind it, double with each death from the third on', () => {
  const rows: readonly [deaths: number, pauseMs: number, trialMs: number][] = [
    [3, 10_000, 5000],
    [4, 20_000, 10_000],
    [5, 40_000, 20_000],
    [7, 160_000, 60_000],
    [8, 300_000, 60_000],
    [16, 300_000, 60_000],
  ];
  for (const [deaths, pause, trial] of rows) assert.deepEqual([pauseMs(deaths), trialMs(deaths)], [pause, trial]);
  assert.deepEqual([0, 1, 2].map(pauseMs), [0, 0, 0]);
});

test('those that are dead are counted, each once, until none has died for ten minutes', () => {
  const stream = { dead: ['x', 'y', 'b'], unreported: new Set(['y', 'z']), deathMs: 1000 };
  const isAlive = (nodeId: string): boolean => nodeId === 'b';
  assert.equal(deathsOf(stream, isAlive, 1000), 3);
  assert.equal(
    deathsOf(stream, () => false, 1000),
    4,
  );
  assert.equal(deathsOf(stream, isAlive, 1000 + deathsKeptMs), 3);
  assert.equal(deathsOf(stream, isAlive, 1001 + deathsKeptMs), 0);
});

test('to blame is what was tried, else the usual suspects, else all', () => {
  const held = ['k0', 'k1', 'k2'].map(newStream);
  const keysOf = (trialKey: string | null, usual: readonly string[]) =>
    blamed(held, trialKey, ({ key }) => usual.includes(key)).map(({ key }) => key);
  assert.deepEqual(keysOf(null, []), ['k0', 'k1', 'k2']);
  assert.deepEqual(keysOf(null, ['k1', 'k2']), ['k1', 'k2']);
  assert.deepEqual(keysOf('k0', ['k1', 'k2']), ['k0']);
  // It was not granted: it has harmed nobody.
  assert.deepEqual(keysOf('k9', ['k1']), []);
});

const suspect = (key: string, ...dead: string[]) => ({ key, dead, atMs: 0 });
const first = keyOfRank('a', 0);
const suspectChange = (key: string, ...dead: string[]) =>
  ({ kind: 'change', change: { kind: 'suspect', key, suspect: suspect(key, ...dead) } }) as const;
const wantedChange = (key: string) =>
  ({ kind: 'change', change: { kind: 'wanted', key, wanted: wanted(key), era: '1' } }) as const;
const ofB = (key: string) => ({ wanted: [wanted(key)], claims: [claim(key, 'b', 5)] });
const nodeChange = (nodeId: string, trialKey: string | null) =>
  ({ kind: 'change', change: { kind: 'node', nodeId, node: { ...node(nodeId), trialKey } } }) as const;

/** All that it does, announcements included, every 100 ms. */
function watch(staged: Staged, forMs: number): readonly (readonly [atMs: number, act: Act])[] {
  const acts: (readonly [number, Act])[] = [];
  for (const untilMs = staged.nowMs + forMs; staged.nowMs < untilMs; ) {
    staged.nowMs += 100;
    const heard = staged.nowMs % 1000 === 0 ? ['b', 'c'].filter((nodeId) => !staged.silent.has(nodeId)) : [];
    const events = [...heard.map((nodeId) => nodeChange(nodeId, null)), { kind: 'time' } as const];
    const done = events.flatMap((event) => staged.member.on(event, staged.nowMs));
    for (const act of done) {
      acts.push([staged.nowMs, act]);
      if (act.kind === 'announce') done.push(...staged.member.on({ kind: 'announced', act, era: '1' }, staged.nowMs));
    }
  }
  return acts;
}
const ofKinds = (acts: ReturnType<typeof watch>, ...wants: Act['kind'][]) =>
  acts.filter(([, { kind }]) => wants.includes(kind));
const tries = (acts: ReturnType<typeof watch>) =>
  acts.flatMap(([atMs, act]) =>
    act.kind === 'claim' || (act.kind === 'announce' && act.node.trialKey !== null)
      ? [[atMs, act.kind, act.kind === 'claim' ? act.key : act.node.trialKey] as const]
      : [],
  );

test('who claims what a dead node had reports its death first', () => {
  const staged = stage(ofB(first));
  staged.silent.add('b');
  const acts = ofKinds(watch(staged, 8000), 'reportDeath', 'claim').map(([, act]) => act);
  assert.deepEqual(kinds(acts).slice(0, 2), ['reportDeath', 'claim']);
  assert.deepEqual(acts[0], { kind: 'reportDeath', key: first, nodeId: 'b' });
});

test('a node that left in order, or is heard of again, counts for nothing', () => {
  const left = stage(ofB(first));
  assert.deepEqual(kinds(left.on({ kind: 'change', change: { kind: 'node', nodeId: 'b', node: null } })), ['claim']);
  const back = stage();
  back.on(suspectChange(first, 'x', 'y', 'c'));
  assert.deepEqual(kinds(back.on(wantedChange(first))), ['claim']);
  assert.equal(back.member.quarantined.size, 0);
});

test('a node that was taken for dead, and comes back, may leave in order later', () => {
  const staged = stage({ ...ofB(first), suspects: [suspect(first, 'x', 'y')] });
  staged.silent.add('b');
  // It has no room: another one would claim it, and report the death.
  staged.on({ kind: 'self', node: node('a', false, 0) });
  watch(staged, 8000);
  assert.equal(staged.member.quarantined.get(first)?.deaths, 3);
  staged.on(nodeChange('b', null));
  assert.equal(staged.member.quarantined.size, 0);
  staged.on({ kind: 'change', change: { kind: 'node', nodeId: 'b', node: null } });
  assert.equal(staged.member.quarantined.size, 0);
});

test('what three nodes died with nobody claims for a while; then one says that it tries it, and claims it', () => {
  const staged = stage({ ...ofB(first), suspects: [suspect(first, 'x', 'y')] });
  staged.silent.add('b');
  const reported = ofKinds(watch(staged, 8000), 'reportDeath', 'claim');
  assert.deepEqual(
    reported.map(([, { kind }]) => kind),
    ['reportDeath'],
  );
  const { deaths = 0, untilMs = 0 } = staged.member.quarantined.get(first) ?? {};
  assert.equal(deaths, 3);
  const [announced, claimed] = tries(watch(staged, 12_000));
  assert.deepEqual(
    [announced?.slice(1), claimed?.slice(1)],
    [
      ['announce', first],
      ['claim', first],
    ],
  );
  assert.ok((announced?.[0] ?? 0) >= untilMs, `${announced}, ${untilMs}`);
});

test('a node that dies while it tries a suspect died of that one alone', () => {
  const keys = [first, keyOfRank('a', 1), keyOfRank('a', 2)];
  const staged = stage({
    wanted: keys.map((key) => wanted(key)),
    claims: keys.map((key) => claim(key, 'b', 5)),
    suspects: [suspect(first, 'x', 'y', 'z')],
  });
  staged.on(nodeChange('b', first));
  staged.silent.add('b');
  const acts = ofKinds(watch(staged, 9000), 'reportDeath', 'claim').map(([, act]) => act);
  const reported = acts.filter((act) => act.kind === 'reportDeath').map(({ key }) => key);
  const claimed = acts.filter((act) => act.kind === 'claim').map(({ key }) => key);
  assert.deepEqual(reported, [first]);
  assert.deepEqual(new Set(claimed), new Set(keys.slice(1)));
});

test('suspects are tried one after the other', () => {
  const keys = [first, `${first} too`];
  const staged = stage();
  for (const key of keys) {
    staged.on(suspectChange(key, 'x', 'y', 'z'));
    staged.on(wantedChange(key));
  }
  const seen: (readonly [number, string])[] = [];
  for (let count = 0; count < 40; count++) {
    for (const [atMs, act] of watch(staged, 500)) {
      if (act.kind !== 'claim') continue;
      seen.push([atMs, act.key]);
      staged.grant([act], 5 + count);
    }
  }
  assert.equal(seen.length, 2);
  const apartMs = (seen[1]?.[0] ?? 0) - (seen[0]?.[0] ?? 0);
  assert.ok(apartMs >= trialMs(3), `${apartMs} ms`);
});

test('nobody follows an owner that tries the stream, until it has outlived that', () => {
  const staged = following(first, 7);
  staged.on({ kind: 'needed', key: first, viewers: 0, demand: null });
  staged.on(nodeChange('b', first));
  assert.deepEqual(kinds(staged.on({ kind: 'needed', key: first, viewers: 1, demand: null })), []);
  assert.deepEqual(kinds(staged.on(nodeChange('b', null))), ['follow 7', 'announceEdges']);
});

test('deaths are those that the registry remembers', () => {
  const staged = stage({ wanted: [wanted(first)], suspects: [suspect(first, 'x', 'y', 'z')], clockMs: 0 });
  assert.equal(staged.member.quarantined.get(first)?.deaths, 3);
  staged.on(suspectChange(first, 'x', 'y', 'z', 'w'));
  assert.equal(staged.member.quarantined.get(first)?.deaths, 4);
  staged.wait(times.readMs);
  staged.on({
    kind: 'view',
    view: { era: '1', nodes: [], wanted: [wanted(first)], claims: [], edges: [], suspects: [], clockMs: 0 },
    askedAtMs: staged.nowMs,
  });
  assert.equal(staged.member.quarantined.size, 0);
});

test('an edge that dies counts where its owner dies too, and not beside one that lives', () => {
  const followed = { ...ofB(first), edges: [edge(first, 'c', 5, 'b')] };
  const reported = (silentMs: number): readonly string[] => {
    const staged = stage(followed);
    staged.silent.add('c');
    const acts = [...watch(staged, silentMs)];
    staged.silent.add('b');
    acts.push(...watch(staged, 9000));
    return acts.flatMap(([, act]) => (act.kind === 'reportDeath' ? [act.nodeId] : [])).toSorted();
  };
  assert.deepEqual(reported(0), ['b', 'c']);
  assert.deepEqual(reported(2000), ['b', 'c']);
  assert.deepEqual(reported(5000), ['b']);
});
