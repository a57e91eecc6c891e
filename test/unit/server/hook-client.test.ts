import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHookClient } from '../../../src/server/hook-client.js';

test('a call that cannot be written is an answer as any that fails, and rejects nothing', async (t) => {
  const client = createHookClient({
    urls: new Map([['app', 'http://127.0.0.1:9']]),
    timeoutMs: 1000,
    maxConnections: 1,
    dnsTimeoutMs: 1000,
    nowMs: () => performance.now(),
  });
  t.after(() => client.close(0));
  const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  const circle: Record<string, unknown> = {};
  circle.again = circle;
  for (const custom of [deep, circle, 10n, 'x'.repeat(300_000)]) {
    const { status, error } = await client.post('app', 'connect', { custom });
    assert.deepEqual([status, error], [null, 'the call cannot be written, or is longer than 262144 bytes']);
  }
});
