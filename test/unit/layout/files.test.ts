import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { longFunctions } from './functions.js';
import { files, importsOf, read, sources, tests } from './tree.js';

test('the top level is that of the design: nothing more, nothing less', () => {
  const shown = readdirSync('.').filter((name) => !name.startsWith('.') && name !== 'node_modules');
  const folders = ['actors', 'config', 'src', 'test'];
  const others = ['LICENSE', 'README.md', 'package-lock.json', 'package.json', 'tsconfig.json'];
  assert.deepEqual(shown.sort(), [...folders, ...others].sort());
});

test('src/core has no clock, timer, random source, log or environment', () => {
  const impure =
    /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.|\bset(Timeout|Interval|Immediate)\b|\bprocess\.|\bconsole\.|\brandom(Bytes|UUID|Int|FillSync)\b|\bqueueMicrotask\b/;
  const found = sources
    .filter((file) => file.startsWith('src/core/'))
    .filter((file) => impure.test(read(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')));
  assert.deepEqual(found, []);
});

test('contracts between threads are types alone', () => {
  const contracts = sources.filter((file) => /^actors\/(.*\/)?([a-z]+-)?contract\.ts$/.test(file));
  assert.ok(contracts.includes('actors/contract.ts') && contracts.includes('actors/viewers/shard-contract.ts'));
  const code = /^(export )?(const|let|var|function|class|enum|default|async)\b/m;
  for (const file of contracts) {
    assert.doesNotMatch(read(file), code);
    assert.ok(
      importsOf(read(file)).every(({ isType }) => isType),
      file,
    );
  }
});

/** Neither imports nor types count: nobody is to pack lines for them. */
function linesOf(file: string): number {
  const imports = /^import\s[^;]*;\n/gm;
  const interfaces = /^(?:export )?interface [\s\S]*?^}\n/gm;
  const types = /^(?:export )?type [\s\S]*?;\n(?=\n|$)/gm;
  return read(file).replace(imports, '').replace(interfaces, '').replace(types, '').split('\n').length - 1;
}

/** It hides a property that is too much from the compiler: `...{ a, b }` in a literal is checked by nobody. */
test('no object is packed into another one', () => {
  const packed = [...sources, ...tests].filter((file) => /\.{3}\{/.test(read(file).replaceAll(/`[^`]*`/g, '')));
  assert.deepEqual(packed, []);
});

test('no file is longer than 300 lines', () => {
  const long = files
    .filter((file) => /\.(ts|mjs|cjs|c|h)$/.test(file))
    .map((file) => ({ file, lines: linesOf(file) }))
    .filter(({ lines }) => lines > 300);
  assert.deepEqual(long, []);
});

test('no factory is longer than 120 lines, and no other function longer than 50', () => {
  assert.deepEqual(longFunctions(sources), []);
});

test('file names are kebab-case and none is a drawer for everything', () => {
  const named = files.filter((file) => /\.(ts|mjs|cjs|c|h)$/.test(file)).map((file) => file.split('/').at(-1) ?? '');
  assert.deepEqual(
    named.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench|d))?\.(ts|mjs|cjs|c|h)$/.test(name)),
    [],
  );
  assert.deepEqual(
    named.filter((name) => /^(utils?|helpers?|managers?|common|misc)\b/.test(name)),
    [],
  );
});
