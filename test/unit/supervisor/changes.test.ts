import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChanges } from '../../../src/supervisor/changes.js';

test('a condition that already holds resolves at once', async () => {
  assert.equal(await createChanges().until(() => 'there', 0), 'there');
});

test('a change that makes the condition hold resolves all waiting promises', async () => {
  const changes = createChanges();
  let value: number | undefined;
  const waiting = [changes.until(() => value, 60_000), changes.until(() => value, 60_000)];
  changes.notify();
  value = 7;
  changes.notify();
  assert.deepEqual(await Promise.all(waiting), [7, 7]);
});

test('after the deadline it resolves with undefined, and the probe is not called again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const changes = createChanges();
  let asked = 0;
  const waiting = changes.until(() => {
    asked += 1;
    return undefined;
  }, 1000);
  t.mock.timers.tick(1000);
  assert.equal(await waiting, undefined);
  changes.notify();
  assert.equal(asked, 1);
});

test('a probe that throws, at the first call or later, rejects the promise', async () => {
  const changes = createChanges();
  let isBroken = false;
  const probe = (): undefined => {
    if (isBroken) throw new RangeError('broken');
  };
  const waiting = assert.rejects(changes.until(probe, 60_000), RangeError);
  isBroken = true;
  changes.notify();
  await waiting;
  await assert.rejects(changes.until(probe, 60_000), RangeError);
});
