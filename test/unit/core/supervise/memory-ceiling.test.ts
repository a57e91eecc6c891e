import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  chooseToEnd,
  type EndedForMemory,
  findRunaway,
  type HeldByThread,
} from '../../../../src/core/supervise/memory-ceiling.js';

const mib = 1_048_576;
const held = (id: string, usedMb: number, silentMs = 0, grownMb = 0): HeldByThread => ({
  id,
  usedBytes: usedMb * mib,
  budgetBytes: 512 * mib,
  silentMs,
  grownBytes: grownMb * mib,
});
const threads = [held('small', 20), held('large', 300), held('middle', 100)];

const choose = (
  some: readonly HeldByThread[],
  residentMb: number,
  ended: EndedForMemory | null = null,
): string | null => chooseToEnd(residentMb * mib, 1000 * mib, some, ended, 10_000);

test('below the ceiling nobody is ended', () => assert.equal(choose(threads, 999), null));

test('at the ceiling the largest thread is', () => assert.equal(choose(threads, 1000), 'large'));

test('a thread that has not counted for two beats is taken for the one that grows', () =>
  assert.equal(choose([...threads, held('looping', 10, 500), held('late', 10, 300)], 1000), 'looping'));

test('the next one is ended a second later at the earliest, and only if the process grew on', () => {
  const residentBytes = 1100 * mib;
  assert.equal(choose(threads, 1200, { atMs: 9100, residentBytes }), null);
  assert.equal(choose(threads, 1200, { atMs: 9000, residentBytes }), 'large');
  assert.equal(
    choose(threads, 1110, { atMs: 1000, residentBytes }),
    null,
    'the allocator keeps what the last one has freed',
  );
});

test('no thread is ended whose end would give nothing back', () => {
  assert.equal(choose([held('small', 20), held('other', 31)], 2000), null);
  assert.equal(choose([], 2000), null);
});

test('a silent thread during whose silence the process outgrew its budget is a runaway, whatever the ceiling is', () => {
  const [others, before] = [held('other', 200, 300, 900), 100];
  assert.equal(findRunaway([others, held('looping', before, 400, 412)]), 'looping');
  assert.equal(findRunaway([others, held('looping', before, 400, 411)]), null, 'within its budget');
  assert.equal(findRunaway([others, held('looping', before, 399, 900)]), null, 'not silent');
  const longest = held('longest', 10, 900, 100);
  assert.equal(findRunaway([held('looping', before, 400, 900), longest]), null, 'the growth may be that of another');
});

test('of a small budget no more is judged than growth that cannot be that of others', () => {
  const small = { ...held('small', 10, 400, 240), budgetBytes: 64 * mib };
  assert.equal(findRunaway([small]), null);
  assert.equal(findRunaway([{ ...small, grownBytes: 246 * mib }]), 'small');
  assert.equal(findRunaway([{ ...held('unlimited', 10, 400, 9000), budgetBytes: 0 }]), null);
});
