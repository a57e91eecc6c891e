import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createSpareThreads } from '../../../src/threads/spare-threads.js';

function setUp(t: TestContext, count: number) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const started: { readonly n: number; end(): void; isEnded: boolean }[] = [];
  const spares = createSpareThreads(() => {
    let resolveEnded = (): void => {};
    const ended = new Promise<{ exitCode: number; error: string; condemnedBy: null }>((resolve) => {
      resolveEnded = () => resolve({ exitCode: 1, error: '', condemnedBy: null });
    });
    const thread = {
      n: started.length,
      isEnded: false,
      end() {
        thread.isEnded = true;
        resolveEnded();
      },
    };
    started.push(thread);
    return { n: thread.n, dismiss: () => thread.end(), watched: { ended } };
  }, count);
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { spares, started, settle, pass: (ms: number) => t.mock.timers.tick(ms) };
}

test('a spare starts in advance, is taken once, and replaced', (t) => {
  const { spares, started, pass } = setUp(t, 1);
  assert.equal(started.length, 0);
  pass(300);
  assert.equal(started.length, 1);
  assert.equal(spares.take().n, 0);
  assert.equal(started.length, 1);
  pass(300);
  assert.equal(started.length, 2);
  pass(10_000);
  assert.equal(started.length, 2, 'no more than wanted');
  assert.equal(spares.take().n, 1);
});

test('no spare starts while streams do', (t) => {
  const { spares, started, pass } = setUp(t, 1);
  for (let n = 0; n < 5; n += 1) {
    pass(200);
    assert.equal(spares.take().n, n);
  }
  assert.equal(started.length, 5);
  pass(299);
  assert.equal(started.length, 5);
  pass(1);
  assert.equal(started.length, 6);
});

test('several spares start one after the other', (t) => {
  const { started, pass } = setUp(t, 3);
  for (let count = 1; count <= 3; count += 1) {
    pass(300);
    assert.equal(started.length, count);
  }
  pass(10_000);
  assert.equal(started.length, 3);
});

test('a spare that dies is not taken, and not replaced before the next pull', async (t) => {
  const { spares, started, settle, pass } = setUp(t, 1);
  pass(300);
  started[0]?.end();
  await settle();
  pass(10_000);
  assert.equal(started.length, 1);
  assert.equal(spares.take().n, 1);
  pass(300);
  assert.equal(started.length, 3);
});

test('close ends the spares, and none starts after it', async (t) => {
  const { spares, started, pass } = setUp(t, 2);
  pass(300);
  spares.take();
  pass(300);
  pass(300);
  await spares.close();
  assert.deepEqual(
    started.map(({ isEnded }) => isEnded),
    [false, true, true],
  );
  pass(10_000);
  assert.equal(started.length, 3);
});

test('without spares each thread starts when it is taken', (t) => {
  const { spares, started, pass } = setUp(t, 0);
  pass(10_000);
  assert.equal(started.length, 0);
  assert.equal(spares.take().n, 0);
  pass(10_000);
  assert.equal(started.length, 1);
});
