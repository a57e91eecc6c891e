import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  nothingWatched,
  type ThreadSign,
  type WatchDecision,
  type WatchLimits,
  watch,
} from '../../../../src/core/supervise/watchdog.js';

const limits: WatchLimits = {
  tickMs: 100,
  hangMs: 1500,
  startMs: 20_000,
  nativeGraceMs: 10_000,
  terminateGraceMs: 2000,
};

interface Happened {
  readonly atMs: number;
  readonly did: string;
}

const words = (decision: WatchDecision): string =>
  decision.kind === 'condemn'
    ? `condemn ${decision.id} ${decision.cause}`
    : decision.kind === 'escalate'
      ? `escalate ${decision.id} ${decision.why}`
      : `terminate ${decision.id}`;

/** Ticks until `endMs`; `signs` tells what the threads show at a time. */
function run(endMs: number, signs: (nowMs: number) => readonly ThreadSign[], tickMs = 100): readonly Happened[] {
  let state = nothingWatched;
  const happened: Happened[] = [];
  for (let nowMs = 0; nowMs <= endMs; nowMs += tickMs) {
    const step = watch(state, signs(nowMs), nowMs, limits);
    state = step.state;
    happened.push(...step.decisions.map((decision) => ({ atMs: nowMs, did: words(decision) })));
  }
  return happened;
}

const beating = (id: string, nowMs: number): ThreadSign => ({
  ...{ id, beat: 1 + Math.floor(nowMs / 100), inNative: false, overdue: false },
});
const still = (id: string, more: Partial<ThreadSign> = {}): ThreadSign => ({
  ...{ id, beat: 7, inNative: false, overdue: false },
  ...more,
});

test('a beating thread is left alone, its hung neighbour is condemned within 2 s and terminated a tick later', () => {
  assert.deepEqual(
    run(3000, (nowMs) => [beating('good', nowMs), still('hung')]),
    [
      { atMs: 1500, did: 'condemn hung hung' },
      { atMs: 1600, did: 'terminate hung' },
    ],
  );
});

test('a starved machine kills nobody: silence while the own ticks come late does not count', () => {
  assert.deepEqual(
    run(60_000, () => [still('a'), still('b')], 250),
    [],
  );
});

test('silence adds up over the ticks that were on time, so that a hang on a loaded machine is found later, not never', () => {
  let state = nothingWatched;
  let nowMs = 0;
  const found: number[] = [];
  for (let tick = 0; tick < 60; tick += 1) {
    nowMs += tick % 2 === 0 ? 100 : 400;
    const step = watch(state, [still('hung')], nowMs, limits);
    state = step.state;
    if (step.decisions.some(({ kind }) => kind === 'condemn')) found.push(nowMs);
  }
  assert.equal(found.length, 1);
  assert.ok((found[0] ?? 0) > 5000);
});

test('one late beat clears the silence', () => {
  const beatAt = (nowMs: number): number => 1 + Math.floor(nowMs / 1400);
  assert.deepEqual(
    run(30_000, (nowMs) => [still('slow', { beat: beatAt(nowMs) })]),
    [],
  );
});

test('a thread that never beat yet gets its time to start', () => {
  const [first] = run(25_000, () => [still('starting', { beat: 0 })]);
  assert.deepEqual(first, { atMs: 20_000, did: 'condemn starting hung' });
});

test('of many hung threads at most one a second is condemned', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const condemned = run(6000, () => ids.map((id) => still(id))).filter(({ did }) => did.startsWith('condemn'));
  assert.deepEqual(
    condemned.map(({ atMs }) => atMs),
    [1500, 2500, 3500, 4500],
  );
});

test('threads that were asked to stop and did not are ended at once, all of them', () => {
  const ids = ['a', 'b', 'c'];
  assert.deepEqual(
    run(100, (nowMs) => ids.map((id) => ({ ...beating(id, nowMs), overdue: true }))),
    [
      ...ids.map((id) => ({ atMs: 0, did: `condemn ${id} overdue` })),
      ...ids.map((id) => ({ atMs: 100, did: `terminate ${id}` })),
    ],
  );
});

test('a condemned thread inside node-av is terminated only when it came out', () => {
  const happened = run(6000, (nowMs) => [still('hung', { inNative: nowMs < 5000 })]);
  assert.deepEqual(happened, [
    { atMs: 1500, did: 'condemn hung hung' },
    { atMs: 5000, did: 'terminate hung' },
  ]);
});

test('a condemned thread that never comes out of node-av is never terminated but escalated, once', () => {
  const happened = run(40_000, () => [still('hung', { inNative: true })]);
  assert.deepEqual(happened, [
    { atMs: 1500, did: 'condemn hung hung' },
    { atMs: 11_500, did: 'escalate hung inNative' },
  ]);
});

test('a terminated thread that lives on is escalated, once', () => {
  const happened = run(20_000, (nowMs) => [{ ...beating('tough', nowMs), overdue: true }]);
  assert.deepEqual(happened.at(-1), { atMs: 2100, did: 'escalate tough survived' });
});

test('in any history nothing is terminated that is not condemned, or is inside node-av, or twice', () => {
  const sign = fc.record({ beats: fc.boolean(), inNative: fc.boolean(), overdue: fc.boolean() });
  const ticks = fc.array(fc.record({ elapsedMs: fc.constantFrom(100, 100, 100, 180, 900), sign }), { maxLength: 150 });
  fc.assert(
    fc.property(ticks, (history) => {
      let state = nothingWatched;
      let nowMs = 0;
      let beat = 1;
      const kinds: string[] = [];
      for (const { elapsedMs, sign: shown } of history) {
        nowMs += elapsedMs;
        if (shown.beats) beat += 1;
        const step = watch(state, [{ id: 'x', beat, inNative: shown.inNative, overdue: shown.overdue }], nowMs, limits);
        state = step.state;
        for (const { kind } of step.decisions) {
          if (kind === 'terminate') assert.equal(shown.inNative, false);
          kinds.push(kind);
        }
      }
      assert.match(kinds.join(' '), /^(condemn( terminate)?( escalate)?)?$/);
    }),
  );
});
