import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChanges } from '../../../src/supervisor/changes.js';

test('what is there already is given at once', async () => {
  assert.equal(await createChanges().until(() => 'there', 0), 'there');
});

test('what a change brings is given then, to all who wait for it', async () => {
  const changes = createChanges();
  let value: number | undefined;
  const waiting = [changes.until(() => value, 60_000), changes.until(() => value, 60_000)];
  changes.notify();
  value = 7;
  changes.notify();
  assert.deepEqual(await Promise.all(waiting), [7, 7]);
});

test('after the deadline nothing is given, and the probe is not asked again', async (t) => {
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

test('a probe that throws, at first or later, ends the wait with its error', async () => {
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
