/** Links that somebody put where recordings are written and read (docs/reliability.md S10). */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createFile } from '../../../actors/recording/disk.js';
import { fileReply } from '../../../src/server/file-reply.js';

/** A file of somebody else, and a link to each path that is asked for. */
function setUp(t: TestContext): { readonly other: string; linkTo(path: string): string } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-links-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const other = join(folder, 'of-somebody-else');
  writeFileSync(other, 'a secret');
  let links = 0;
  return {
    other,
    linkTo(path) {
      links += 1;
      const link = join(folder, `link-${links}`);
      symlinkSync(path, link);
      return link;
    },
  };
}

test('nothing is written through a link, whether there is a file behind it or not', async (t) => {
  const { other, linkTo } = setUp(t);
  const missing = `${other}-to-come`;
  for (const target of [other, missing, '/etc/passwd'])
    await assert.rejects(createFile(linkTo(target)), /EEXIST|ELOOP/);
  assert.deepEqual([readFileSync(other, 'utf8'), existsSync(missing)], ['a secret', false]);
});

test('nothing is read through a link', async (t) => {
  const { other, linkTo } = setUp(t);
  const request = {
    method: 'GET',
    path: '/',
    query: new URLSearchParams(),
    client: { ip: '127.0.0.1', reach: 'direct' },
    header: () => '',
  } as const;
  for (const target of [other, '/etc/passwd']) {
    await assert.rejects(fileReply(request, linkTo(target), 'video/mp4', null), { code: 'recording.notFound' });
  }
  const { stream } = await fileReply(request, other, 'video/mp4', null);
  assert.equal(stream?.sizeBytes, 8);
  stream?.close();
});
