import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStartGate } from '../../../src/threads/start-gate.js';

function setUp(atOnce: number) {
  const gate = createStartGate(atOnce);
  const started: string[] = [];
  const done = new Map<string, () => void>();
  const request = (name: string, isWatched = () => false): (() => void) =>
    gate.request((isDone) => {
      started.push(name);
      done.set(name, isDone);
    }, isWatched);
  return { request, started, finish: (name: string) => done.get(name)?.() };
}

test('no more threads than allowed start at the same time, the others follow in order', () => {
  const { request, started, finish } = setUp(2);
  for (const name of ['a', 'b', 'c', 'd']) request(name);
  assert.deepEqual(started, ['a', 'b']);
  finish('b');
  assert.deepEqual(started, ['a', 'b', 'c']);
  finish('a');
  assert.deepEqual(started, ['a', 'b', 'c', 'd']);
});

test('streams with viewers start first, also those whose viewers came while they waited', () => {
  const { request, started, finish } = setUp(1);
  let hasViewers = false;
  request('first');
  request('idle');
  request('watched', () => hasViewers);
  hasViewers = true;
  finish('first');
  assert.deepEqual(started, ['first', 'watched']);
});

test('a cancelled request never starts, and a second call of done has no effect', () => {
  const { request, started, finish } = setUp(1);
  request('a');
  request('b')();
  request('c');
  request('d');
  finish('a');
  finish('a');
  assert.deepEqual(started, ['a', 'c']);
});
