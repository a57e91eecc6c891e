import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readThrown, rowOf, SluiceError, stackOf } from '../../src/errors.js';

test('whatever is thrown has a code and a message', () => {
  const cases: readonly [thrown: unknown, code: string, message: string][] = [
    [Object.assign(new Error('no such file'), { code: 'ENOENT' }), 'ENOENT', 'no such file'],
    [new SluiceError('pull.limit', '3'), 'pull.limit', 'The limit of streams is reached: 3'],
    [new Error('boom'), '', 'boom'],
    [Object.assign(new Error('odd'), { code: 7 }), '', 'odd'],
    ['text', '', 'text'],
    [undefined, '', 'undefined'],
  ];
  for (const [thrown, code, message] of cases) assert.deepEqual(readThrown(thrown), { code, message });
});

test('what has no row of its own has that of an internal error', () => {
  assert.equal(rowOf(new SluiceError('pull.limit')), 'pull.limit');
  assert.equal(rowOf(Object.assign(new Error('no such file'), { code: 'ENOENT' })), 'internal');
});

test('the stack of a bug begins with its message', () => {
  assert.match(stackOf(new Error('boom')), /^Error: boom\n +at /);
  assert.equal(stackOf('text'), 'text');
});
