import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  nothingWatched,
  type ThreadSample,
  type ThreadTime,
  type WatchDecision,
  type WatchLimits,
  type WatchState,
  wantsTime,
  watch,
} from '../../../../src/core/supervise/watchdog.js';

const limits: WatchLimits = {
  tickMs: 100,
  hangMs: 1500,
  startMs: 20_000,
  loadMs: 5000,
  stopMs: 2000,
  nativeGraceMs: 2000,
  terminateGraceMs: 2000,
  maxAbandoned: 2,
};

interface Happened {
  readonly atMs: number;
  readonly did: string;
}

function words(decision: WatchDecision): string {
  switch (decision.kind) {
    case 'condemn':
      return `condemn ${decision.id} ${decision.cause}`;
    case 'abandon':
    case 'escalate':
      return `${decision.kind} ${decision.id} ${decision.why}`;
    case 'terminate':
      return `terminate ${decision.id}`;
  }
}

/** Ticks until `endMs`; `signs` tells what the threads show at a time. */
function run(endMs: number, samples: (nowMs: number) => readonly ThreadSample[], tickMs = 100): readonly Happened[] {
  let state = nothingWatched;
  const happened: Happened[] = [];
  for (let nowMs = 0; nowMs <= endMs; nowMs += tickMs) {
    const step = watch(state, samples(nowMs), nowMs, limits);
    state = step.state;
    happened.push(...step.decisions.map((decision) => ({ atMs: nowMs, did: words(decision) })));
  }
  return happened;
}

const still = (id: string, more: Partial<ThreadSample> = {}): ThreadSample => ({
  id,
  beat: 7,
  inNative: false,
  isLoading: false,
  isStopping: false,
  isLeaving: false,
  time: null,
  ...more,
});
const beating = (id: string, nowMs: number): ThreadSample => still(id, { beat: 1 + Math.floor(nowMs / 100) });

/** What the kernel tells of a thread that runs for a share of the time, waits for a core for another, and else sleeps. */
const shares =
  (ran: number, waited: number, state: ThreadTime['state']) =>
  (nowMs: number): ThreadTime => ({ ranMs: nowMs * ran, waitedMs: nowMs * waited, state });

test('a beating thread is left alone, its hung neighbour is condemned within 2 s and terminated a tick later', () => {
  assert.deepEqual(
    run(3000, (nowMs) => [beating('good', nowMs), still('hung')]),
    [
      { atMs: 1500, did: 'condemn hung hung' },
      { atMs: 1600, did: 'terminate hung' },
    ],
  );
});

test('an endless loop that has a core, and a sleep without an end, are hung as soon as one of which nothing is known', () => {
  const kinds = { loop: shares(1, 0, 'waiting'), sleep: shares(0, 0, 'asleep') };
  for (const [kind, time] of Object.entries(kinds)) {
    const [first] = run(3000, (nowMs) => [still(kind, { time: time(nowMs) })]);
    assert.deepEqual(first, { atMs: 1500, did: `condemn ${kind} hung` });
  }
});

test('a silent thread that waits for a core is not hung, however long it waits', () => {
  const starved = [shares(0, 0, 'waiting'), shares(0.02, 0.98, 'waiting'), shares(0.02, 0.97, 'asleep')];
  for (const time of starved) {
    assert.deepEqual(
      run(30_000, (nowMs) => [still('starved', { time: time(nowMs) })]),
      [],
    );
  }
});

test('a silent thread that rests in its event loop is not hung, however long', () => {
  const resting = shares(0, 0, 'resting');
  assert.deepEqual(
    run(60_000, (nowMs) => [still('resting', { time: resting(nowMs) })]),
    [],
  );
});

test('a thread on its way out, which beats no more, is never hung: it is overdue once it has had its time', () => {
  for (const state of ['resting', 'asleep'] as const) {
    const time = shares(0, 0, state);
    assert.deepEqual(run(2000, (nowMs) => [still('leaving', { isStopping: true, time: time(nowMs) })]).slice(0, 1), [
      { atMs: 2000, did: 'condemn leaving overdue' },
    ]);
  }
});

test('of the sleep of a thread a tenth counts while the main thread itself waits for a core, and of its work all', () => {
  const ended = (state: ThreadTime['state'], ran: number, mainWaits: number): number | undefined => {
    let watched = nothingWatched;
    for (let nowMs = 0; nowMs <= 60_000; nowMs += 100) {
      const sample = still('x', { time: shares(ran, 0, state)(nowMs) });
      const mainTime = shares(0, mainWaits, 'waiting')(nowMs);
      const step = watch(watched, [sample], nowMs, limits, { tooLarge: null, mainTime });
      if (step.decisions.length > 0) return nowMs;
      watched = step.state;
    }
    return undefined;
  };
  assert.equal(ended('asleep', 0, 0), 1500);
  assert.equal(ended('asleep', 0, 0.5), 3000);
  assert.equal(ended('asleep', 0, 1), 15_000);
  assert.equal(ended('waiting', 1, 1), 1500, 'a loop has no excuse');
});

test('of a thread on its way out sleep counts a tenth, rest and work as ever', () => {
  const endedMs = (state: ThreadTime['state'], ran: number): number | undefined =>
    run(60_000, (nowMs) => [
      still('leaving', { isStopping: true, isLeaving: true, time: shares(ran, 0, state)(nowMs) }),
    ])[0]?.atMs;
  assert.deepEqual([endedMs('asleep', 0), endedMs('resting', 0), endedMs('waiting', 1)], [20_000, 2000, 2000]);
});

test('an endless loop that gets a tenth of a core is found when it has burnt its time', () => {
  const [first] = run(60_000, (nowMs) => [still('loop', { time: shares(0.1, 0.9, 'waiting')(nowMs) })]);
  assert.equal(first?.did, 'condemn loop hung');
  assert.ok(Math.abs((first?.atMs ?? 0) - 15_000) <= 100, `at ${first?.atMs}`);
});

test('of ticks that come late the time counts in which the thread ran, and of sleep no more than of one on time', () => {
  const late = (time: (nowMs: number) => ThreadTime) =>
    run(60_000, (nowMs) => [still('x', { time: time(nowMs) })], 250);
  assert.deepEqual(
    run(60_000, () => [still('a'), still('b')], 250),
    [],
    'of which nothing is told',
  );
  assert.deepEqual(late(shares(1, 0, 'waiting'))[0], { atMs: 1500, did: 'condemn x hung' });
  assert.deepEqual(late(shares(0, 0, 'asleep'))[0], { atMs: 3750, did: 'condemn x hung' });
  assert.deepEqual(late(shares(0, 0.9, 'asleep')), [], 'it was starved in between');
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

test('a thread that never beat yet, or loads code, gets its time for that', () => {
  const condemned = (sample: ThreadSample) => run(25_000, () => [sample]).find(({ did }) => did.startsWith('condemn'));
  assert.deepEqual(condemned(still('x', { beat: 0 })), { atMs: 20_000, did: 'condemn x hung' });
  assert.deepEqual(condemned(still('x', { isLoading: true })), { atMs: 5000, did: 'condemn x hung' });
});

test('of many hung threads at most one a second is condemned', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const condemned = run(6000, () => ids.map((id) => still(id))).filter(({ did }) => did.startsWith('condemn'));
  assert.deepEqual(
    condemned.map(({ atMs }) => atMs),
    [1500, 2500, 3500, 4500],
  );
});

test('threads that were asked to stop and have had their time are ended, all of them', () => {
  const ids = ['a', 'b', 'c'];
  assert.deepEqual(
    run(2100, (nowMs) => ids.map((id) => ({ ...beating(id, nowMs), isStopping: true }))),
    [
      ...ids.map((id) => ({ atMs: 2000, did: `condemn ${id} overdue` })),
      ...ids.map((id) => ({ atMs: 2100, did: `terminate ${id}` })),
    ],
  );
});

test('a thread that stops on a starved machine is not overdue, and one that is gone and not yet missed is not either', () => {
  const ends = [shares(0.05, 0.9, 'waiting'), shares(0.05, 0.9, 'asleep'), shares(0, 0, 'gone')];
  for (const time of ends) {
    assert.deepEqual(
      run(15_000, (nowMs) => [{ ...beating('ending', nowMs), isStopping: true, time: time(nowMs) }]),
      [],
    );
  }
});

test('a process that was stopped for a while ends nobody', () => {
  const sample = still('x', { time: { ranMs: 0, waitedMs: 0, state: 'asleep' } });
  let state = watch(nothingWatched, [sample], 0, limits).state;
  for (const nowMs of [60_000, 60_100, 60_200]) {
    const step = watch(state, [sample], nowMs, limits);
    assert.deepEqual(step.decisions, []);
    state = step.state;
  }
});

test("a condemned thread that has ended by itself is left alone: its numbers may be others' by now", () => {
  const happened = run(4000, (nowMs) => [
    still('x', { time: { ranMs: 0, waitedMs: 0, state: nowMs > 1500 ? 'gone' : 'asleep' } }),
  ]);
  assert.deepEqual(happened, [{ atMs: 1500, did: 'condemn x hung' }]);
});

test('a condemned thread inside node-av is terminated only when it came out', () => {
  const happened = run(4500, (nowMs) => [still('hung', { inNative: nowMs < 3000 })]);
  assert.deepEqual(happened, [
    { atMs: 1500, did: 'condemn hung hung' },
    { atMs: 3000, did: 'terminate hung' },
  ]);
});

test('a condemned thread that stays inside node-av is abandoned, and terminated when it comes out after all', () => {
  const happened = run(40_000, (nowMs) => [still('hung', { inNative: nowMs < 30_000 })]);
  assert.deepEqual(happened, [
    { atMs: 1500, did: 'condemn hung hung' },
    { atMs: 3500, did: 'abandon hung inNative' },
    { atMs: 30_000, did: 'terminate hung' },
  ]);
});

test('a terminated thread that lives on is abandoned, once', () => {
  const happened = run(20_000, () => [still('tough')]);
  assert.deepEqual(happened.slice(1), [
    { atMs: 1600, did: 'terminate tough' },
    { atMs: 3600, did: 'abandon tough survived' },
  ]);
});

test('beyond the number of threads that may be abandoned only a new process helps', () => {
  const ids = ['a', 'b', 'c'];
  const happened = run(20_000, () => ids.map((id) => still(id, { inNative: true })));
  assert.deepEqual(
    happened.map(({ did }) => did).filter((did) => !did.startsWith('condemn')),
    ['abandon a inNative', 'abandon b inNative', 'escalate c inNative'],
  );
});

test('the kernel is asked about silent threads, those that stop, and those that are being ended', () => {
  const seen = (ticks: number): WatchState =>
    Array.from({ length: ticks }).reduce<WatchState>(
      (state, _, n) => watch(state, [still('x')], n * limits.tickMs, limits).state,
      nothingWatched,
    );
  // Between two beats every thread is silent.
  assert.equal(wantsTime(seen(2), 'x', 7, false), false);
  const state = seen(3);
  assert.equal(wantsTime(state, 'x', 8, false), false);
  assert.equal(wantsTime(state, 'x', 7, false), true);
  assert.equal(wantsTime(state, 'x', 8, true), true);
  assert.equal(wantsTime(nothingWatched, 'new', 0, false), false);
});

test('in any history nothing is terminated that is not condemned, or is inside node-av, or twice', () => {
  const sample = fc.record({ beats: fc.boolean(), inNative: fc.boolean(), isStopping: fc.boolean() });
  const time = fc.option(fc.record({ ran: fc.nat(200), waited: fc.nat(200), asleep: fc.boolean() }));
  const elapsed = fc.constantFrom(100, 100, 100, 180, 900);
  const ticks = fc.array(fc.record({ elapsedMs: elapsed, sample, time }), { maxLength: 150 });
  fc.assert(
    fc.property(ticks, (history) => {
      let state = nothingWatched;
      let nowMs = 0;
      let beat = 1;
      let [ranMs, waitedMs] = [0, 0];
      const kinds: string[] = [];
      for (const { elapsedMs, sample: shown, time: told } of history) {
        nowMs += elapsedMs;
        if (shown.beats) beat += 1;
        ranMs += told?.ran ?? 0;
        waitedMs += told?.waited ?? 0;
        const inState = told?.asleep === true ? 'asleep' : 'waiting';
        const account = told === null ? null : ({ ranMs, waitedMs, state: inState } as const);
        const { inNative, isStopping } = shown;
        const step = watch(state, [still('x', { beat, inNative, isStopping, time: account })], nowMs, limits);
        state = step.state;
        for (const { kind } of step.decisions) {
          if (kind === 'terminate') assert.equal(shown.inNative, false);
          kinds.push(kind);
        }
      }
      assert.match(kinds.join(' '), /^(condemn( terminate)?( abandon)?( terminate)?)?$/);
      assert.ok(kinds.filter((kind) => kind === 'terminate').length <= 1);
    }),
  );
});
