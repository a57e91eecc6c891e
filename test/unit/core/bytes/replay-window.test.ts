import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReplayWindow } from '../../../../src/core/bytes/replay-window.js';

test('the replay window takes each of the last 64 indices once', () => {
  const window = createReplayWindow();
  assert.deepEqual(
    [5, 5, 3, 3, 100, 36, 37, 37, 200, 100].map((index) => window.accept(index)),
    [true, false, true, false, true, false, true, false, true, false],
  );
});
