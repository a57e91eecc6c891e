import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createPreload } from '../../../src/threads/preload.js';

interface Loader {
  /** Ends its load. */
  done(): void;
  /** Ends the thread. */
  end(): void;
}

function setUp(t: TestContext, max: number) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const preload = createPreload(max);
  const loading: string[] = [];
  return {
    preload,
    /** The threads that have been asked to load, in order. */
    loading,
    /** Adds a thread that is up. */
    up(name: string): Loader {
      const load = deferred();
      const life = deferred();
      const loadAhead = (): Promise<void> => {
        loading.push(name);
        return load.promise;
      };
      preload.add({ actor: { loadAhead }, ended: life.promise });
      return { done: load.resolve, end: life.resolve };
    },
    async pass(ms: number) {
      t.mock.timers.tick(ms);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((given) => {
    resolve = given;
  });
  return { promise, resolve };
}

test('threads load ahead one after the other, when no thread has started for a while', async (t) => {
  const { loading, up, pass, preload } = setUp(t, 10);
  const first = up('a');
  up('b');
  await pass(1999);
  preload.starting();
  await pass(1999);
  assert.deepEqual(loading, []);
  await pass(1);
  assert.deepEqual(loading, ['a']);
  await pass(10_000);
  assert.deepEqual(loading, ['a'], 'its load is not over');
  first.done();
  await pass(0);
  await pass(1);
  assert.deepEqual(loading, ['a', 'b']);
});

test('no more threads than allowed load ahead, and one that ends makes room', async (t) => {
  const { loading, up, pass } = setUp(t, 2);
  const loaders = ['a', 'b', 'c'].map(up);
  for (let n = 0; n < 5; n += 1) {
    await pass(2000);
    for (const loader of loaders) loader.done();
  }
  await pass(2000);
  assert.deepEqual(loading, ['a', 'b']);
  loaders[0]?.end();
  await pass(0);
  await pass(2000);
  assert.deepEqual(loading, ['a', 'b', 'c']);
});

test('a thread that ends before its turn does not load; without room none does', async (t) => {
  const { loading, up, pass, preload } = setUp(t, 1);
  up('a').end();
  await pass(0);
  await pass(2000);
  assert.deepEqual(loading, []);
  up('b');
  preload.close();
  await pass(5000);
  assert.deepEqual(loading, []);
});

test('with 0 no thread loads ahead', async (t) => {
  const { loading, up, pass } = setUp(t, 0);
  up('a');
  await pass(5000);
  assert.deepEqual(loading, []);
});
