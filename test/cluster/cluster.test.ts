/** The short form of `npm run test:cluster`: of three nodes the owner of a stream is drained, and another one killed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startChild } from '../support/server/child.js';

test('three nodes go on when the owner of a stream is drained, and when it is killed', async (t) => {
  const program = ['--enable-source-maps', '.build/js/test/cluster/cluster.js', 'drained', 'killed'];
  const child = await startChild(process.execPath, program);
  t.after(() => child.stop());
  const code = await child.exited;
  for (const line of child.lines) t.diagnostic(line);
  assert.equal(code, 0, child.lines.filter((line) => line.startsWith('FAILED')).join('\n'));
});
