import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createViewerEndings } from '../../../src/supervisor/viewer-endings.js';

test('reasons are counted by pull for ten minutes', () => {
  let nowMs = 0;
  const endings = createViewerEndings(() => nowMs);
  endings.add('a', 'viewer.dtls');
  endings.add('a', 'viewer.iceTimeout');
  nowMs = 300_000;
  endings.add('a', 'viewer.iceTimeout');
  endings.add('b', 'actor.dead');
  assert.deepEqual(endings.of('a'), { 'viewer.dtls': 1, 'viewer.iceTimeout': 2 });
  nowMs = 600_000;
  assert.deepEqual(endings.of('a'), { 'viewer.iceTimeout': 1 });
  nowMs = 900_000;
  assert.deepEqual([endings.of('a'), endings.of('b'), endings.of('nobody')], [{}, {}, {}]);
});
