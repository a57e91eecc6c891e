import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

test('sluice --version names the versions of the native code that runs', () => {
  const { stdout, status } = spawnSync(process.execPath, ['.build/dist/main/main.mjs', '--version'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0);
  assert.match(
    stdout,
    /^\d+\.\d+\.\d+\nNode \d+\.\d+\.\d+\nFFmpeg \d+\.\d+\S* \(node-av \d+\.\d+\.\d+\)\nuWebSockets\.js \S+\n$/,
  );
});
