import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRevocations } from '../../../src/state/revocations.js';
import { until } from '../../support/until.js';

test('what is revoked is on the disk, for the user of the server alone; a damaged file is set aside', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-revoked-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'deep', 'revoked.json');
  const logged: string[] = [];
  const open = () => openRevocations(file, (_level, event) => logged.push(event));
  const first = await open();
  assert.deepEqual(first.known, []);
  first.keep([{ id: 'a', untilS: 5 }]);
  first.keep([
    { id: 'a', untilS: 5 },
    { id: 'b', untilS: 6 },
  ]);
  const text = (): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  };
  await until('it is written', () => text().includes('"b"'));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual((await open()).known, [
    { id: 'a', untilS: 5 },
    { id: 'b', untilS: 6 },
  ]);
  assert.deepEqual(logged, []);
  writeFileSync(file, '{"revoked": [');
  assert.deepEqual((await open()).known, []);
  assert.deepEqual(logged, ['playback.revocationsNotKept']);
  assert.ok(readdirSync(join(folder, 'deep')).some((name) => name.includes('corrupt')));
});

test('without a file nothing is kept', async () => {
  const none = await openRevocations('', () => assert.fail());
  none.keep([{ id: 'a', untilS: 5 }]);
  assert.deepEqual(none.known, []);
});
