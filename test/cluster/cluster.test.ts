/** The short form of `npm run test:cluster`: of three nodes the owner of a stream is drained, and another one killed. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { judged } from '../support/judged.js';
import { startChild } from '../support/server/child.js';

/** Gives the figures that missed their goals. */
async function missed(t: TestContext, scenarios: readonly string[]): Promise<readonly string[]> {
  const program = ['--enable-source-maps', '.build/js/test/cluster/cluster.js', ...scenarios];
  const child = await startChild(process.execPath, program);
  t.after(() => child.stop());
  await child.exited;
  for (const line of child.lines) t.diagnostic(line);
  for (const scenario of scenarios) assert.ok(child.lines.some((line) => line.trim().startsWith(scenario)));
  return child.lines.filter((line) => line.startsWith('FAILED'));
}

const isOfTime = (figure: string): boolean => figure.includes('(ms)');

test('three nodes go on when the owner of a stream is drained, and when it is killed', async (t) => {
  const failures = await judged(t, {
    measure: () => missed(t, ['drained', 'killed']),
    isGood: (figures) => !figures.some(isOfTime),
    words: (figures) => figures.filter(isOfTime).join('; '),
    windows: 1,
  });
  assert.deepEqual(
    failures.filter((figure) => !isOfTime(figure)),
    [],
  );
});
