import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { createDrain } from '../../../src/supervisor/drain.js';

/** A drain with these steps, and what happened, in order. */
function drainOf(
  steps: readonly (() => void | Promise<void>)[],
  flush: () => Promise<void> = async () => {},
  others: Partial<Parameters<typeof createDrain>[0]> = {},
) {
  const seen: string[] = [];
  const armed: number[] = [];
  let resolveOver = (): void => {};
  const over = new Promise<void>((resolve) => {
    resolveOver = resolve;
  });
  const note = (what: string): void => {
    seen.push(what);
    resolveOver();
  };
  const drain = createDrain({
    refuse: (isRefused) => seen.push(isRefused ? 'refuse' : 'serve'),
    nowMs: () => 0,
    steps: steps.map((step, n) => () => {
      seen.push(`step ${n}`);
      return step();
    }),
    log: (_level, event) => void seen.push(event),
    flush,
    exit: (code) => note(`exit ${code}`),
    kill: () => note('kill'),
    arm: (afterMs) => void armed.push(afterMs),
    ...others,
  });
  return { drain, seen, armed, over };
}

const never = (): Promise<void> => new Promise(() => {});

test('a signal runs the steps in order and ends with 0', async () => {
  const { drain, seen, over } = drainOf([async () => {}, () => {}]);
  drain.onSignal('SIGTERM');
  await over;
  assert.deepEqual(seen, ['process.ending', 'refuse', 'step 0', 'step 1', 'process.ended', 'exit 0']);
});

test('a step that fails is logged, and the others run', async () => {
  const { drain, seen, over } = drainOf([() => Promise.reject(new Error('no')), () => {}]);
  drain.onSignal('SIGTERM');
  await over;
  assert.deepEqual(seen.slice(2), ['step 0', 'process.stepFailed', 'step 1', 'process.ended', 'exit 0']);
});

test('a second signal kills without waiting for the steps', async (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['setTimeout'] });
  const { drain, seen, over } = drainOf([never]);
  drain.onSignal('SIGTERM');
  mock.timers.tick(1000);
  drain.onSignal('SIGTERM');
  await over;
  assert.deepEqual(seen, ['process.ending', 'refuse', 'step 0', 'process.ending', 'kill']);
});

test('another signal kills, however soon', async (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['setTimeout'] });
  const { drain, seen, over } = drainOf([never]);
  drain.onSignal('SIGINT');
  drain.onSignal('SIGTERM');
  await over;
  assert.deepEqual(seen, ['process.ending', 'refuse', 'step 0', 'process.ending', 'kill']);
});

test('the same signal within a second is ignored: it came by another way', async (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['setTimeout'] });
  let finish = (): void => {};
  const { drain, seen, over } = drainOf([() => new Promise((resolve) => (finish = resolve))]);
  drain.onSignal('SIGINT');
  mock.timers.tick(999);
  drain.onSignal('SIGINT');
  finish();
  await over;
  assert.deepEqual(seen, ['process.ending', 'refuse', 'step 0', 'process.ended', 'exit 0']);
});

test('steps that never end are abandoned 8 s after the signal', async (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['setTimeout'] });
  const { drain, seen, over } = drainOf([never]);
  drain.onSignal('SIGTERM');
  mock.timers.tick(7999);
  assert.ok(!seen.includes('process.drainTimeout'));
  mock.timers.tick(1);
  await over;
  assert.deepEqual(seen.slice(-2), ['process.drainTimeout', 'kill']);
});

test('a log that cannot be written delays the exit by one second at most', async (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['setTimeout'] });
  const { drain, seen, over } = drainOf([], never);
  drain.onUncaught(new Error('lost'));
  mock.timers.tick(1000);
  await over;
  assert.deepEqual(seen, ['process.uncaught', 'kill']);
});

test('an uncaught exception ends the process with 1', async () => {
  const { drain, seen, over } = drainOf([]);
  drain.onUncaught(new Error('lost'));
  await over;
  assert.deepEqual(seen, ['process.uncaught', 'exit 1']);
});

test('a watch that no loop of the main thread can stop is armed up to the end, within 10 s of a signal', async () => {
  const signalled = drainOf([]);
  signalled.drain.onSignal('SIGTERM');
  await signalled.over;
  const thrown = drainOf([]);
  thrown.drain.onUncaught(new Error('lost'));
  await thrown.over;
  assert.deepEqual([signalled.armed, thrown.armed], [[9500], [2500]]);
});

test('an order refuses new work at once, and ends all after its time', async (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['setTimeout'] });
  const { drain, seen, armed, over } = drainOf([async () => {}]);
  assert.deepEqual(drain.begin(60_000), { state: 'draining', endsInMs: 60_000 });
  mock.timers.tick(59_999);
  assert.deepEqual([seen, armed], [['refuse', 'process.draining'], []]);
  mock.timers.tick(1);
  assert.deepEqual(drain.status, { state: 'ending', endsInMs: 0 });
  await over;
  assert.deepEqual(seen.slice(2), ['refuse', 'step 0', 'process.ended', 'exit 0']);
});

test('it may be taken back until it ends, and then new work is taken again', (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['setTimeout'] });
  const { drain, seen } = drainOf([never]);
  drain.begin(1000);
  assert.deepEqual(drain.takeBack(), { state: 'serving', endsInMs: null });
  mock.timers.tick(100_000);
  assert.deepEqual(seen, ['refuse', 'process.draining', 'serve', 'process.drainTakenBack']);
  drain.begin(0);
  mock.timers.tick(0);
  assert.throws(() => drain.takeBack(), { code: 'drain.tooLate' });
});

test('another order sets another time', (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['setTimeout'] });
  const { drain } = drainOf([never]);
  drain.begin(60_000);
  assert.equal(drain.begin(500).endsInMs, 500);
  mock.timers.tick(500);
  assert.equal(drain.status.state, 'ending');
});

test('a signal ends what was ordered for later at once, and is no second one', async (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['setTimeout'] });
  const { drain, seen, over } = drainOf([async () => {}]);
  drain.begin(60_000);
  drain.onSignal('SIGTERM');
  await over;
  assert.deepEqual(seen.slice(2), ['process.ending', 'refuse', 'step 0', 'process.ended', 'exit 0']);
});

test('without its parent the server ends in order, once', async () => {
  const { drain, seen, over } = drainOf([async () => {}]);
  drain.onOrphaned();
  drain.onOrphaned();
  await over;
  assert.deepEqual(seen, ['process.orphaned', 'refuse', 'step 0', 'process.ended', 'exit 0']);
});

test('what other nodes go on with is handed over before anything ends, from the order on', async (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['setTimeout'] });
  const happened: string[] = [];
  const { drain, over } = drainOf([() => void happened.push('step')], async () => {}, {
    async handOver() {
      happened.push('handed over');
    },
  });
  drain.begin(1000);
  assert.deepEqual(happened, ['handed over']);
  mock.timers.tick(1000);
  await over;
  assert.deepEqual(happened, ['handed over', 'handed over', 'step']);
});

test('nodes that do not take over in 4 s are not waited for', async (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['setTimeout'] });
  const { drain, seen, over } = drainOf([() => {}], async () => {}, { handOver: never });
  drain.onSignal('SIGTERM');
  mock.timers.tick(3999);
  assert.deepEqual(seen, ['process.ending', 'refuse']);
  mock.timers.tick(1);
  await over;
  assert.deepEqual(seen.slice(2), ['process.handOverLate', 'step 0', 'process.ended', 'exit 0']);
});

test('what nobody has taken stays here when the drain is taken back', () => {
  const happened: string[] = [];
  const { drain } = drainOf([], async () => {}, {
    handOver: never,
    takeAgain: () => void happened.push('taken again'),
  });
  drain.begin(60_000);
  drain.takeBack();
  assert.deepEqual(happened, ['taken again']);
});
