import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isMap, isNode, parseDocument, type YAMLMap } from 'yaml';
import { configKeys } from '../../../src/config/keys.js';
import { settingsSchema } from '../../../src/config/schema.js';

const text = readFileSync('config/sluice.yaml', 'utf8');

test('config/sluice.yaml has every key of the schema with its default, and no other', () => {
  assert.deepEqual(parseDocument(text).toJS(), settingsSchema.parse({}));
});

/** The comment before each key of a mapping; that of the first key belongs to the mapping in YAML's tree. */
function comments({ items, commentBefore }: YAMLMap): ReadonlyMap<string, string> {
  return new Map(
    items.map(({ key }, n) => {
      const own = isNode(key) ? key.commentBefore : null;
      return [String(key), (own ?? (n === 0 ? commentBefore : null) ?? '').trim()];
    }),
  );
}

test('every section and every key of config/sluice.yaml has a comment', () => {
  const root = parseDocument(text).contents;
  if (!isMap(root)) assert.fail('it is no mapping');
  const all = [...comments(root)].flatMap(([section, comment]) => {
    const body = root.get(section);
    const keys = isMap(body) ? [...comments(body)] : [];
    return [[section, comment], ...keys.map(([key, words]) => [`${section}.${key}`, words])];
  });
  const bare = all.filter(([, comment]) => (comment ?? '').length < 10).map(([name]) => name);
  assert.deepEqual(bare, []);
  assert.ok(all.length > 60);
});

test('no two keys have the same variable', () => {
  assert.equal(new Set(configKeys.map(({ variable }) => variable)).size, configKeys.length);
  assert.ok(configKeys.some(({ variable }) => variable === 'SLUICE_RTMP_CONNECT_TIMEOUT_MS'));
});
