import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSameSecret } from '../../../../src/core/guard/same-secret.js';

test('a secret is the same as itself alone, whatever its length', () => {
  assert.equal(isSameSecret('a secret of some length', 'a secret of some length'), true);
  for (const given of ['', 'a', 'a secret of some lengt', 'a secret of some length ', 'A secret of some length']) {
    assert.equal(isSameSecret(given, 'a secret of some length'), false);
  }
});
