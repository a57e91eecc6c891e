import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAdmissionQueue } from '../../../../src/core/supervise/admission-queue.js';

const limits = { maxWaitMs: 3000, maxWaiting: 3 };

/** Who has an answer, by name, in the order of the answers. */
function stage() {
  const queue = createAdmissionQueue(limits);
  const answers: string[] = [];
  const wait = (name: string, nowMs: number): void => {
    void queue.wait(nowMs).then((isLetIn) => answers.push(`${name} ${isLetIn ? 'in' : 'away'}`));
  };
  const settled = async (): Promise<readonly string[]> => {
    await new Promise(setImmediate);
    return answers;
  };
  return { queue, wait, settled };
}

test('the first is let in first, as many as there are places', async () => {
  const { queue, wait, settled } = stage();
  for (const name of ['a', 'b', 'c']) wait(name, 0);
  queue.admit(2, 500);
  assert.deepEqual(await settled(), ['a in', 'b in']);
  queue.admit(0, 1000);
  assert.equal(queue.waiting, 1);
  queue.admit(5, 1500);
  assert.deepEqual(await settled(), ['a in', 'b in', 'c in']);
  assert.equal(queue.waiting, 0);
});

test('who has waited too long is turned away, and a place is better than that', async () => {
  const { queue, wait, settled } = stage();
  wait('a', 0);
  wait('b', 0);
  wait('c', 1);
  queue.admit(0, 2999);
  assert.deepEqual(await settled(), []);
  queue.admit(1, 3000);
  assert.deepEqual(await settled(), ['a in', 'b away']);
  assert.equal(queue.waiting, 1);
});

test('one too many is turned away at once, and makes nobody else leave', async () => {
  const { queue, wait, settled } = stage();
  for (const name of ['a', 'b', 'c', 'd']) wait(name, 0);
  assert.deepEqual(await settled(), ['d away']);
  assert.equal(queue.waiting, 3);
});
