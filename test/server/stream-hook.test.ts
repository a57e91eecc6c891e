/** What a back end is told of streams that come and go (pulls.hookUrl). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { PullInfo } from '../../src/supervisor/pull-info.js';
import { createStreamHook } from '../../src/supervisor/stream-hook.js';
import { until } from '../support/until.js';
import { somePull } from './examples.js';

/** Answers with these statuses in turn, then with 204. */
async function backEnd(t: TestContext, statuses: readonly number[] = []) {
  const left = [...statuses];
  const told: { readonly event: string; readonly stream: { readonly name: string; readonly state: string } }[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      told.push(JSON.parse(body));
      response.writeHead(left.shift() ?? 204).end();
    });
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const lines: string[] = [];
  const hookUrl = `http://127.0.0.1:${port}/secret`;
  const log = (_level: string, event: string, fields = {}): void =>
    void lines.push(`${event} ${JSON.stringify(fields)}`);
  const hook = createStreamHook({ settings: { hookUrl, hookTimeoutMs: 2000 }, log, pausesMs: [1, 1] });
  t.after(hook.close);
  const look = (name: string, state: PullInfo['state']): void =>
    hook.look(Object.assign({ ...somePull }, { pullId: name, localName: name, state }));
  return {
    told,
    lines,
    look,
    events: () => told.map(({ event, stream }) => `${event} ${stream.name} ${stream.state}`),
  };
}

test('a stream comes and goes: one POST for each, in order, and none for other states', async (t) => {
  const { look, events } = await backEnd(t);
  for (const state of ['NEW', 'PENDING', 'CONNECTED', 'PROCESSED_REMOTE', 'PROCESSED_REMOTE'] as const)
    look('a', state);
  look('b', 'PROCESSED_REMOTE');
  look('a', 'PENDING');
  look('b', 'STOPPED');
  const wanted = ['up a PROCESSED_REMOTE', 'up b PROCESSED_REMOTE', 'down a PENDING', 'down b STOPPED'];
  await until('all are told', () => events().length === 4);
  assert.deepEqual(
    events(),
    wanted.map((one) => `stream.${one}`),
  );
});

test('one that fails is tried again before the next one, and given up after the last try', async (t) => {
  const { look, events, lines } = await backEnd(t, [500, 204, 503, 503, 503]);
  look('a', 'PROCESSED_REMOTE');
  look('a', 'FAILED');
  look('b', 'PROCESSED_REMOTE');
  await until('all are told', () => events().at(-1)?.startsWith('stream.up b'));
  const tries = ['up a PROCESSED_REMOTE', 'up a PROCESSED_REMOTE', 'down a FAILED', 'down a FAILED', 'down a FAILED'];
  assert.deepEqual(
    events().slice(0, 5),
    tries.map((one) => `stream.${one}`),
  );
  assert.equal(lines.length, 4);
  assert.ok(lines.every((line) => line.startsWith('pulls.hookFailed') && !line.includes('secret')));
});
