/** A server that is in no cluster loads nothing of one: what is delivered is looked at, from its first script on. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const folder = '.build/dist/main';
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
const loadedAtOnce = (text: string): readonly string[] =>
  [...text.matchAll(/^(?:import|export)\b[^;]*?["']([^"']+)["'];/gm)].map(([, what = '']) => what);

test('neither the client of Redis nor the driver of a node is loaded by the start of a server', () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const walk = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const what of loadedAtOnce(read(file))) {
      if (what.startsWith('./')) walk(what.slice(2));
      else packages.add(what);
    }
  };
  walk('main.mjs');
  assert.ok(packages.has('zod') && packages.has('uWebSockets.js'));
  assert.ok(![...packages].some((name) => name.startsWith('@redis')));
  const all = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
  const ofCluster = all.filter((file) => /^(export )?(async )?function createClusterNode\b/m.test(read(file)));
  assert.equal(ofCluster.length, 1);
  assert.deepEqual(
    ofCluster.filter((file) => seen.has(file)),
    [],
  );
});
