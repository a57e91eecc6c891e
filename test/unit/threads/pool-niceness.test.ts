import assert from 'node:assert/strict';
import { test } from 'node:test';
import { niceIncrementFrom } from '../../../src/threads/pool.js';

test('the pool is seven nicer than the process, and never at -1, which its library takes for an error', () => {
  for (let own = -20; own <= 19; own += 1) {
    const increment = niceIncrementFrom(own);
    assert.equal(increment, own === -8 ? 8 : 7, `of ${own}`);
    assert.notEqual(own + increment, -1);
  }
});
