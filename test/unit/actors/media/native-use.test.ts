/** The rules of actors/media/native.ts, each bought with a crash of the process, held against the sources. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { test } from 'node:test';

const door = 'actors/media/native.ts';
const sources = readdirSync('actors', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }));

const found = (pattern: RegExp, except?: string): string[] =>
  sources
    .filter(({ file }) => file !== except)
    .flatMap(({ file, text }) => (text.match(pattern) ?? []).map((what) => `${file}: ${what}`));

test('node-av comes in through one door; all else knows its types and its numbers', () => {
  const values = /^(?:import|export) (?!type\b)[^;]*from 'node-av(?!\/constants')[^']*'|\bimport\('node-av[^']*'\)/gm;
  assert.deepEqual(found(values, 'actors/media/native-lib.ts'), []);
  assert.equal(found(values).length, 1);
  const loads = /\bawait import\('\.\/native-lib\.js'\)|^import (?!type\b)[^;]*native-lib\.js'/gm;
  assert.deepEqual(found(loads), [`${door}: await import('./native-lib.js')`]);
});

test('no call of it is an asynchronous one, which is in flight when a thread is ended', () => {
  const twins = ['open2', 'sendPacket', 'receiveFrame', 'sendFrame', 'receivePacket', 'scaleFrame', 'readFrame'];
  assert.deepEqual(found(new RegExp(`\\.(${twins.join('|')})\\(`, 'g')), []);
  assert.ok(found(/\.(sendPacket|receiveFrame|sendFrame|receivePacket|convert)Sync\(/g).length >= 5);
});

test('open2Sync is given no dictionary, which it would free twice', () => {
  const calls = found(/\.open2Sync\([^)]*\)/g);
  assert.ok(calls.length >= 4);
  assert.deepEqual(
    calls.filter((call) => !/\(\w+, null\)$/.test(call)),
    [],
  );
});

test("FFmpeg's log is made silent, never listened to", () => {
  assert.deepEqual(found(/Log\.setCallback/g), []);
  assert.equal(found(/Log\.setLevel\(lib\.AV_LOG_QUIET\)/g).length, 1);
});
