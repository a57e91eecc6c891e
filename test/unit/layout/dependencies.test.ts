/** What is installed is what the lock file and docs/dependencies.md say. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

test('every package has its hash in the lock file, and a licence that may be passed on', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['test/licences.mjs'], { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /^MIT$[\s\S]*^ {2}werift /m);
});

test('versions are pinned', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const versions = Object.values({ ...dependencies, ...devDependencies });
  assert.ok(versions.length > 15);
  for (const version of versions) assert.match(String(version), /^(npm:[@\w/-]+@)?\d+\.\d+\.\d+$/);
});

test('the binaries that run are those of the document', () => {
  const document = readFileSync('.github/docs/dependencies.md', 'utf8');
  const rows = [...document.matchAll(/^\| `([^`]+\.node)` \| `([0-9a-f]{64})` \|/gm)];
  const here = rows.filter(([, file = '']) => existsSync(join('node_modules', file)));
  for (const [, file = '', hash = ''] of here) {
    assert.equal(
      createHash('sha256')
        .update(readFileSync(join('node_modules', file)))
        .digest('hex'),
      hash,
      file,
    );
  }
  const { platform, arch, versions } = process;
  assert.ok(here.some(([, file = '']) => file.endsWith(`uws_${platform}_${arch}_${versions.modules}.node`)));
});
