import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryTrim } from '../../../src/threads/memory-trim.js';

test('memory is given back ten seconds behind the last end, and once a minute where ends follow each other', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const givenMs: number[] = [];
  const ended = createMemoryTrim(() => givenMs.push(Date.now()), Date.now);
  ended();
  t.mock.timers.tick(9000);
  ended();
  t.mock.timers.tick(9900);
  assert.deepEqual(givenMs, []);
  t.mock.timers.tick(100);
  assert.equal(givenMs.length, 1);
  // One each second until 200 s.
  for (t.mock.timers.tick(1000); Date.now() <= 200_000; t.mock.timers.tick(1000)) ended();
  t.mock.timers.tick(60_000);
  assert.equal(givenMs.length, 1 + 4);
  for (const [n, atMs] of givenMs.slice(1).entries()) assert.ok(atMs - (givenMs[n] ?? 0) <= 62_000, `${givenMs}`);
});
