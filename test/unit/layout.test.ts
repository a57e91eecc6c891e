import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path/posix';
import { test } from 'node:test';

/** What a part of the tree may import: other parts, npm packages, modules of Node. `types`: parts of which only types. */
interface Rule {
  readonly parts: readonly string[];
  readonly types?: readonly string[];
  readonly packages?: readonly string[];
  /** Left out: all of Node that is not in `notNode`. */
  readonly node?: readonly string[];
  readonly notNode?: readonly string[];
}

const sockets = ['net', 'tls', 'dgram', 'http', 'https'];
const actor: Rule = {
  ...{ parts: ['actors', 'src/core', 'src/errors.ts', 'src/net'], types: ['src/config', 'src/log.ts'] },
  packages: ['ipaddr.js'],
};

/** Part of the tree to its rule; a file belongs to the longest part that it starts with. */
const rules: Readonly<Record<string, Rule>> = {
  'src/core': { parts: ['src/core', 'src/errors.ts'], packages: ['ipaddr.js'], node: ['crypto'] },
  'src/errors.ts': { parts: [], node: [] },
  'src/add-on.ts': { parts: [], node: ['module', 'url'] },
  'src/log.ts': { parts: ['src/core'], types: ['actors'], packages: ['pino', 'pino-pretty'], node: ['tty'] },
  'src/config': {
    ...{ parts: ['src/config', 'src/core', 'src/errors.ts'], packages: ['zod', 'yaml', 'ipaddr.js'] },
    node: ['fs', 'util'],
  },
  'src/net': { parts: ['src/net', 'src/core', 'src/errors.ts'], node: ['dns', 'net'] },
  'src/threads': { parts: ['src/threads', 'src/core', 'src/add-on.ts'], node: ['fs'] },
  'src/supervisor': {
    ...{
      parts: ['src/supervisor', 'src/threads', 'src/core', 'src/errors.ts', 'src/net'],
      packages: ['comlink', 'piscina'],
    },
    ...{ types: ['actors', 'src/config', 'src/log.ts'], notNode: sockets },
  },
  'src/server': {
    ...{ parts: ['src/server', 'src/core', 'src/errors.ts'], packages: ['uWebSockets.js', 'zod', 'prom-client'] },
    ...{ types: ['src/supervisor', 'src/config', 'src/log.ts'], notNode: ['net', 'tls', 'dgram', 'worker_threads'] },
  },
  'src/web': { parts: ['src/web'], node: [] },
  'src/main.ts': { parts: ['src', 'package.json'], node: ['url'] },
  actors: actor,
  'actors/viewers': { ...actor, packages: ['werift', 'ipaddr.js'] },
  'actors/runtime': { ...actor, parts: [...actor.parts, 'src/threads'], packages: ['comlink'] },
  'actors/fanout': { ...actor, parts: [...actor.parts, 'src/add-on.ts'] },
  'actors/media': { ...actor, packages: ['node-av'] },
  'actors/pool': { ...actor, packages: ['piscina'] },
};

const files = ['src', 'actors', 'test', 'config'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
);
const sources = files.filter((file) => /^(src|actors)\/.*\.ts$/.test(file));
const read = (file: string): string => readFileSync(file, 'utf8');
const isBelow = (file: string, part: string): boolean => file === part || file.startsWith(`${part}/`);

interface Import {
  readonly what: string;
  readonly isType: boolean;
}

/** Static and dynamic imports and exports of a source file. */
function importsOf(text: string): Import[] {
  const fromClause = /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'/gm;
  const bare = /(?:^import\s+|\bimport\()'([^']+)'/gm;
  const typeOf = /\btypeof import\('([^']+)'\)/g;
  const typeQueries = new Set([...text.matchAll(typeOf)].map(([, what]) => what));
  return [
    ...[...text.matchAll(fromClause)].map(([, type, what = '']) => ({ what, isType: type !== undefined })),
    ...[...text.matchAll(bare)].map(([, what = '']) => ({ what, isType: typeQueries.has(what) })),
  ];
}

/** Why the file may not have this import; null when it may. */
function objection(file: string, { what, isType }: Import): string | null {
  const part = Object.keys(rules)
    .filter((name) => isBelow(file, name))
    .sort((a, b) => b.length - a.length)[0];
  const rule = part === undefined ? undefined : rules[part];
  if (rule === undefined) return `${file}: no rule for it`;
  const complaint = `${file} imports ${what}`;
  if (what.startsWith('node:')) {
    const module = what.slice('node:'.length).split('/')[0] ?? '';
    const isGood = rule.node?.includes(module) ?? !(rule.notNode ?? []).includes(module);
    return isGood ? null : complaint;
  }
  if (what.startsWith('.')) {
    const target = normalize(join(file, '..', what)).replace(/\.js$/, '.ts');
    const parts = isType ? [...rule.parts, ...(rule.types ?? [])] : rule.parts;
    return parts.some((name) => isBelow(target, name)) ? null : complaint;
  }
  return (rule.packages ?? []).some((name) => isBelow(what, name)) ? null : complaint;
}

test('the top level is that of the design: nothing more, nothing less', () => {
  const shown = readdirSync('.').filter((name) => !name.startsWith('.') && name !== 'node_modules');
  const folders = ['actors', 'config', 'src', 'test'];
  const others = ['LICENSE', 'README.md', 'package-lock.json', 'package.json', 'tsconfig.json'];
  assert.deepEqual(shown.sort(), [...folders, ...others].sort());
});

test('every import of src and actors is one that its part of the tree may have', () => {
  const objections = sources.flatMap((file) => importsOf(read(file)).map((one) => objection(file, one)));
  assert.ok(objections.length > 300);
  assert.deepEqual(
    objections.filter((one) => one !== null),
    [],
  );
});

test('the rules refuse what they are for', () => {
  const cases: readonly [file: string, what: string, isType: boolean][] = [
    ['src/core/rtmp/client.ts', 'node:net', false],
    ['src/core/rtmp/client.ts', 'node:timers/promises', false],
    ['src/core/rtmp/client.ts', 'werift', true],
    ['src/core/rtmp/client.ts', '../../log.js', true],
    ['src/server/server.ts', '../../actors/contract.js', true],
    ['src/server/server.ts', '../supervisor/supervisor.js', false],
    ['src/server/server.ts', 'node:net', false],
    ['src/supervisor/supervisor.ts', '../../actors/stream/actor.js', false],
    ['src/supervisor/supervisor.ts', 'uWebSockets.js', false],
    ['actors/stream/actor.ts', '../../src/server/server.js', true],
    ['actors/stream/actor.ts', '../../src/supervisor/streams.js', true],
    ['actors/stream/actor.ts', 'werift', false],
    ['actors/stream/actor.ts', 'comlink', false],
    ['actors/demo/camera.ts', 'node-av/lib', false],
    ['src/web/player.ts', 'node:fs', false],
  ];
  for (const [file, what, isType] of cases) assert.notEqual(objection(file, { what, isType }), null, `${file} ${what}`);
});

test('imports are found in each of their forms', () => {
  const text = [
    "import a from 'a';\nimport type { B } from 'b';\nimport {\n  c,\n} from 'c';\nexport type { D } from 'd';",
    "import 'e';\nawait import('f');\ntype G = typeof import('g');",
  ].join('\n');
  const names = (isType: boolean): string[] =>
    importsOf(text)
      .filter((one) => one.isType === isType)
      .map(({ what }) => what);
  assert.deepEqual(names(false), ['a', 'c', 'e', 'f']);
  assert.deepEqual(names(true), ['b', 'd', 'g']);
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
  const contracts = sources.filter((file) => /^actors\/(.*\/)?contract\.ts$/.test(file));
  assert.ok(contracts.includes('actors/contract.ts'));
  const code = /^(export )?(const|let|var|function|class|enum|default|async)\b/m;
  for (const file of contracts) {
    assert.doesNotMatch(read(file), code);
    assert.ok(
      importsOf(read(file)).every(({ isType }) => isType),
      file,
    );
  }
});

test('no file is longer than 300 lines', () => {
  const long = files
    .filter((file) => /\.(ts|mjs|cjs|c|h)$/.test(file))
    .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
    .filter(({ lines }) => lines > 300);
  assert.deepEqual(long, []);
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

test('what tests share does not import tests', () => {
  const support = files.filter((file) => /^test\/support\/.*\.ts$/.test(file));
  assert.ok(support.length > 5);
  const wrong = support.filter((file) =>
    importsOf(read(file)).some(({ what }) => /^test\/(?!support\/)/.test(normalize(join(file, '..', what)))),
  );
  assert.deepEqual(wrong, []);
});

test('every package that src and actors import is a dependency', () => {
  const { dependencies } = JSON.parse(read('package.json'));
  const isOther = (what: string): boolean => !what.startsWith('.') && !what.startsWith('node:');
  const imported = new Set(
    sources
      .flatMap((file) => importsOf(read(file)).map(({ what }) => what))
      .filter(isOther)
      .map((what) => what.split('/')[0] ?? ''),
  );
  assert.deepEqual(
    [...imported].filter((name) => !Object.hasOwn(dependencies, name)),
    [],
  );
});
