import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogLevels } from '../../src/log-levels.js';

test('a stream may have a level of its own, more or less talkative than that of all', () => {
  const levels = createLogLevels('info');
  const taken = () =>
    ['cam', 'other'].map((pullId) => [levels.takes('debug', { pullId }), levels.takes('info', { pullId })]);
  assert.deepEqual(taken(), [
    [false, true],
    [false, true],
  ]);
  levels.setOf('cam', 'debug');
  assert.deepEqual(taken(), [
    [true, true],
    [false, true],
  ]);
  levels.setOf('cam', 'error');
  assert.deepEqual(
    [taken(), levels.of('cam')],
    [
      [
        [false, false],
        [false, true],
      ],
      'error',
    ],
  );
  levels.setOf('cam', null);
  assert.deepEqual(
    [taken(), levels.of('cam')],
    [
      [
        [false, true],
        [false, true],
      ],
      null,
    ],
  );
});

test('of very many streams the first are forgotten', () => {
  const levels = createLogLevels('info');
  for (let n = 0; n <= 1000; n += 1) levels.setOf(String(n), 'debug');
  assert.deepEqual([levels.of('0'), levels.of('1'), levels.of('1000')], [null, 'debug', 'debug']);
});
