import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { createPacer } from '../../../../actors/fanout/pacer.js';

function setUp(step: (who: string) => { readonly tookMs?: number; readonly isUseful?: boolean }) {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setInterval'] });
  let nowMs = 0;
  const calls: string[] = [];
  const pacer = createPacer<string>(
    () => nowMs,
    (who) => {
      calls.push(who);
      const { tookMs = 0, isUseful = true } = step(who);
      nowMs += tookMs;
      return isUseful;
    },
  );
  const tick = (): readonly string[] => {
    calls.length = 0;
    mock.timers.tick(2);
    return [...calls];
  };
  return { pacer, tick };
}

test('calls on each once a tick, and on nobody who was removed', () => {
  const { pacer, tick } = setUp(() => ({}));
  for (const who of ['a', 'b', 'c']) pacer.add(who);
  assert.deepEqual(tick(), ['a', 'b', 'c']);
  pacer.remove('b');
  assert.deepEqual(tick(), ['a', 'c']);
  pacer.remove('a');
  pacer.remove('c');
  assert.deepEqual([tick(), tick()], [[], []]);
  pacer.add('d');
  assert.deepEqual(tick(), ['d']);
  pacer.close();
  assert.deepEqual(tick(), []);
});

test('ends a tick after 2 ms, and goes on with those who were left out', () => {
  const { pacer, tick } = setUp(() => ({ tookMs: 1 }));
  for (const who of ['a', 'b', 'c', 'd', 'e']) pacer.add(who);
  assert.deepEqual(
    [tick(), tick(), tick()],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'a'],
    ],
  );
  pacer.close();
});

test('ends a tick at the first for whom it was no use, who comes last the next time', () => {
  const { pacer, tick } = setUp((who) => ({ isUseful: who !== 'b' }));
  for (const who of ['a', 'b', 'c']) pacer.add(who);
  assert.deepEqual(tick(), ['a', 'b']);
  assert.deepEqual(tick(), ['c', 'a', 'b']);
  pacer.close();
});

test('one may be removed in the turn of another, or add somebody', () => {
  const { pacer, tick } = setUp((who) => {
    if (who === 'a') {
      pacer.remove('b');
      pacer.add('d');
    }
    return {};
  });
  for (const who of ['a', 'b', 'c']) pacer.add(who);
  assert.deepEqual(tick(), ['a', 'c']);
  assert.deepEqual(tick(), ['a', 'd', 'c']);
  pacer.close();
});
