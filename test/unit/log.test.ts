import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createLog, type LogSettings } from '../../src/log.js';

const folder = mkdtempSync(join(tmpdir(), 'sluice-log-'));
after(() => rmSync(folder, { recursive: true }));

/** The lines that a log with these settings writes during `use`. */
async function written(settings: LogSettings, use: (log: ReturnType<typeof createLog>) => void): Promise<string> {
  const path = join(folder, 'log');
  const fd = openSync(path, 'w');
  const log = createLog(settings, fd);
  use(log);
  await log.flush();
  closeSync(fd);
  return readFileSync(path, 'utf8');
}

const lineOf = (text: string): Record<string, unknown> => JSON.parse(text);

test('a line is JSON with its level as a word, the time, the event and the fields', async () => {
  const text = await written({ level: 'info', format: 'json' }, (log) =>
    log.log('warn', 'source.lost', { pullId: 'p1' }),
  );
  const { time, ...rest } = lineOf(text);
  assert.deepEqual(rest, { level: 'warn', event: 'source.lost', pullId: 'p1' });
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('lines below the level are not written', async () => {
  const text = await written({ level: 'warn', format: 'json' }, (log) => {
    log.log('info', 'quiet');
    log.log('error', 'loud');
  });
  assert.equal(lineOf(text).event, 'loud');
});

test('the format auto is JSON without a terminal; pretty is readable lines', async () => {
  assert.equal(lineOf(await written({ level: 'info', format: 'auto' }, (log) => log.log('info', 'up'))).event, 'up');
  const text = await written({ level: 'info', format: 'pretty' }, (log) => log.log('info', 'up', { port: 8081 }));
  assert.match(text, /INFO.*up.*8081/);
});

test('credentials in uris are masked in any field', async () => {
  const text = await written({ level: 'info', format: 'json' }, (log) =>
    log.log('info', 'source.lost', {
      uri: 'rtmp://user:hunter2@example.org/live/cam?token=swordfish',
      detail: 'rtmp://user:hunter2@example.org/live/cam did not answer',
    }),
  );
  assert.doesNotMatch(text, /hunter2|swordfish/);
  assert.match(text, /example\.org/);
  assert.match(text, /did not answer/);
});

test('fields with the name of a secret are never written', async () => {
  const fields = { apiKey: 's1', apiKeys: 's2', authorization: 's3', keyPem: 's4', password: 's5', srtpToken: 's6' };
  const text = await written({ level: 'info', format: 'json' }, (log) =>
    log.log('info', 'x', { ...fields, videoKeyframes: 7 }),
  );
  assert.doesNotMatch(text, /"s\d"/);
  assert.equal(lineOf(text).videoKeyframes, 7);
});

test('fields with reserved names do not overwrite those of the line', async () => {
  const text = await written({ level: 'info', format: 'json' }, (log) =>
    log.log('info', 'x', { level: 3, event: 'y' }),
  );
  const { time, ...rest } = lineOf(text);
  assert.deepEqual(rest, { level: 'info', event: 'x', level_: 3, event_: 'y' });
  assert.equal(typeof time, 'string');
});

test('while the reader stalls lines are dropped, and their number is logged afterwards', async () => {
  const path = join(folder, 'pipe');
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  const fd = openSync(path, 'r+');
  const log = createLog({ level: 'info', format: 'json' }, fd);
  const lines = 5000;
  const detail = 'x'.repeat(1000);
  for (let n = 0; n < lines; n += 1) log.log('info', 'much', { n, detail });
  const reader = new Socket({ fd: openSync(path, 'r'), readable: true, writable: false });
  let text = '';
  let told: Record<string, unknown> | undefined;
  reader.setEncoding('utf8').on('data', (part) => {
    text += part;
    if (!text.endsWith('"log.dropped"}\n')) return;
    told = lineOf(text.trimEnd().split('\n').at(-1) ?? '');
    reader.destroy();
  });
  await once(reader, 'close');
  const kept = text.split('\n').filter((line) => line.includes('"much"')).length;
  assert.ok(kept > 0 && kept < 2000, `${kept} kept`);
  assert.equal(kept + Number(told?.lines), lines);
  closeSync(fd);
});

test('in readable lines a name cannot make a line of its own', async () => {
  const name = 'cam\n12:00:00.000 INFO server.listening\u2028\u009b31m';
  const text = await written({ level: 'info', format: 'pretty' }, (log) => {
    log.log('info', 'viewer.refused', { name });
    log.log('error', 'server.bug', { error: `Error: ${name}\n    at a (b.js:1:1)` });
  });
  const lines = text.trimEnd().split('\n');
  assert.equal(lines.filter((line) => /^\[?\d\d:\d\d/.test(line)).length, 2, text);
  assert.doesNotMatch(text, /[\u2028\u009b]/);
  assert.match(text, /at a \(b\.js:1:1\)/);
});
