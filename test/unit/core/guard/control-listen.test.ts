import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseControlListen } from '../../../../src/core/guard/control-listen.js';

test('an address with its port, or the path of a unix socket', () => {
  assert.deepEqual(parseControlListen('127.0.0.1:9090'), { kind: 'tcp', host: '127.0.0.1', port: 9090 });
  assert.deepEqual(parseControlListen('[::1]:0'), { kind: 'tcp', host: '::1', port: 0 });
  assert.deepEqual(parseControlListen('unix:/run/sluice.sock'), { kind: 'unix', path: '/run/sluice.sock' });
});

for (const text of [
  '',
  '9090',
  '127.0.0.1',
  'localhost:9090',
  '::1:9090',
  '[127.0.0.1]:9090',
  '127.0.0.1:65536',
  '127.1:9090',
  'unix:relative.sock',
  `unix:/${'a'.repeat(107)}`,
]) {
  test(`"${text.slice(0, 20)}" is neither`, () => assert.equal(parseControlListen(text), null));
}
