/** Who is told that a recording is finished: a back end, and a command as WCS starts it (on_record_hook_script). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createRecordHook } from '../../src/supervisor/record-hook.js';
import { until } from '../support/until.js';
import { somePart } from './examples.js';

function stage(t: TestContext, given: { readonly hookUrl?: string; readonly hookCommand?: string }) {
  const lines: string[] = [];
  const hook = createRecordHook({
    settings: { hookUrl: '', hookCommand: '', hookTimeoutMs: 5000, ...given },
    folder: '/recordings',
    log: (_level, event, fields) => lines.push(`${event} ${JSON.stringify(fields)}`),
  });
  const place = mkdtempSync(join(tmpdir(), 'sluice-hook-'));
  t.after(() => rmSync(place, { recursive: true }));
  return { hook, lines, place };
}

test('a back end gets the description of the file; one that refuses is logged without its address', async (t) => {
  const told: object[] = [];
  let status = 204;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      told.push({ type: request.headers['content-type'], body: JSON.parse(body) });
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const { hook, lines } = stage(t, { hookUrl: `http://127.0.0.1:${port}/secret` });
  hook(somePart);
  await until('it is told', () => told.length === 1);
  assert.deepEqual(told, [{ type: 'application/json', body: somePart }]);
  status = 503;
  hook(somePart);
  await until('the failure is logged', () => lines.length === 1);
  assert.match(lines[0] ?? '', /^recording\.hookFailed .*"what":"hookUrl","error":"status 503"/);
  assert.ok(!lines.join().includes('secret'));
  hook({ ...somePart, state: 'recorded', fileName: null });
  server.close();
  server.closeAllConnections();
  hook(somePart);
  await until('nobody listens', () => lines.length === 2);
  assert.ok(!lines.join().includes('secret'));
  assert.equal(told.length, 2);
});

test('a command gets the name of the stream and the path of the file as words of their own, by no shell', async (t) => {
  const { hook, place, lines } = stage(t, {});
  const command = join(place, 'hook.sh');
  const answer = join(place, 'told');
  writeFileSync(command, `#!/bin/sh\nprintf '%s\\n' "$#" "$@" > '${answer}.new' && mv '${answer}.new' '${answer}'\n`);
  chmodSync(command, 0o755);
  const streamName = `cam $(touch ${place}/owned); touch ${place}/owned #`;
  const { hook: run, lines: said } = stage(t, { hookCommand: command });
  run({ ...somePart, streamName });
  await until('it ran', () => existsSync(answer));
  assert.equal(readFileSync(answer, 'utf8'), `2\n${streamName}\n/recordings/cam.mp4\n`);
  assert.equal(existsSync(join(place, 'owned')), false);
  assert.deepEqual(said, []);
  const { hook: missing, lines: failed } = stage(t, { hookCommand: join(place, 'nowhere') });
  missing(somePart);
  await until('the failure is logged', () => failed.length === 1);
  assert.match(failed[0] ?? '', /recording\.hookFailed .*"what":"hookCommand".*ENOENT/);
  hook(somePart);
  assert.deepEqual(lines, []);
});
