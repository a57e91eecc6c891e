import assert from 'node:assert/strict';
import { dirname, join, normalize } from 'node:path/posix';
import { test } from 'node:test';
import { circlesOf } from './circles.js';
import { exportsOf, unusedExports } from './exports.js';
import { objection, rowOf, rules } from './rules.js';
import { files, importsOf, neighboursOf, read, roomOf, sources, tests } from './tree.js';

test('every import of src and actors is one that its room may have', () => {
  const objections = sources.flatMap((file) => importsOf(read(file)).map((one) => objection(file, one)));
  assert.ok(objections.length > 300);
  assert.deepEqual(
    objections.filter((one) => one !== null),
    [],
  );
});

test('every room has a row of its own, and every row a room', () => {
  const rooms = new Set(sources.map(roomOf));
  assert.deepEqual(
    [...rooms].filter((room) => rowOf(room) !== room),
    [],
  );
  assert.deepEqual(
    Object.keys(rules).filter((row) => !rooms.has(row)),
    [],
  );
});

test('the rules refuse what they are for', () => {
  const cases: readonly [file: string, what: string, isType: boolean][] = [
    ['src/core/rtmp/client.ts', 'node:net', false],
    ['src/core/rtmp/client.ts', 'node:timers/promises', false],
    ['src/core/rtmp/client.ts', 'werift', true],
    ['src/core/rtmp/client.ts', '../../log.js', true],
    ['src/core/rtmp/client.ts', '../sdp/offer.js', true],
    ['src/core/codec/adts.ts', '../rtp/pack-h264.js', false],
    ['src/server/server.ts', '../../actors/contract.js', true],
    ['src/server/server.ts', '../supervisor/supervisor.js', false],
    ['src/server/server.ts', '../threads/pool.js', true],
    ['src/server/server.ts', 'node:net', false],
    ['src/supervisor/supervisor.ts', '../../actors/stream/actor.js', false],
    ['src/supervisor/supervisor.ts', 'uWebSockets.js', false],
    ['src/supervisor/supervisor.ts', 'node:worker_threads', false],
    ['src/threads/threads.ts', '../supervisor/streams.js', true],
    ['actors/stream/actor.ts', '../../src/server/server.js', true],
    ['actors/stream/actor.ts', '../../src/supervisor/streams.js', true],
    ['actors/stream/actor.ts', '../transport/endpoint.js', false],
    ['actors/stream/actor.ts', 'werift', false],
    ['actors/stream/actor.ts', 'comlink', false],
    ['actors/runtime/endpoints.ts', 'comlink', false],
    ['src/threads/actor-thread.ts', 'comlink', false],
    ['actors/transport/endpoint.ts', '../viewers/viewers.js', true],
    ['actors/source/source.ts', '../stream/pipeline.js', true],
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

test('no files import each other in a circle, by types or otherwise', () => {
  const arrows = new Map(sources.map((file) => [file, neighboursOf(file)]));
  assert.deepEqual(circlesOf(arrows), []);
});

test('no rooms import each other in a circle', () => {
  const arrows = new Map<string, string[]>();
  for (const file of sources) {
    const room = roomOf(file);
    const others = neighboursOf(file).map(roomOf);
    arrows.set(room, [...(arrows.get(room) ?? []), ...others.filter((other) => other !== room)]);
  }
  assert.deepEqual(circlesOf(arrows), []);
});

test('circles are found', () => {
  const arrows = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', ['a']],
    ['d', []],
  ]);
  assert.deepEqual(circlesOf(arrows), [['a', 'b', 'c']]);
});

/** What pages of others import, what the pool of threads calls by name (Piscina), and what werift imports from a package that another file stands in for. */
const importedByOthers = [
  // By pages, and by who installs the package.
  'src/web/player/sluice-player.ts: SluicePlayer',
  'actors/pool/tasks.ts: ffmpegVersion',
  'actors/pool/tasks.ts: snapshot',
  'actors/pool/tasks.ts: decodes',
  'actors/pool/tasks.ts: finishRecording',
  'actors/transport/werift/unused.ts: cryptoProvider',
];

test('what is exported is used elsewhere', () => {
  assert.ok(sources.flatMap((file) => exportsOf(read(file))).length > 500);
  assert.deepEqual(unusedExports(sources, [...sources, ...tests]), importedByOthers);
});

test('exports are found in each of their forms', () => {
  const text =
    'export const a = 1;\nexport async function b() {}\nexport class C {}\nexport interface D {}\nexport type E = 1;\n';
  assert.deepEqual(
    exportsOf(text).map(({ name, isType }) => [name, isType]),
    [
      ['a', false],
      ['b', false],
      ['C', false],
      ['D', true],
      ['E', true],
    ],
  );
});

test('what tests share does not import tests', () => {
  const support = files.filter((file) => /^test\/support\/.*\.ts$/.test(file));
  assert.ok(support.length > 5);
  const wrong = support.filter((file) =>
    importsOf(read(file)).some(({ what }) => /^test\/(?!support\/)/.test(normalize(join(dirname(file), what)))),
  );
  assert.deepEqual(wrong, []);
});

test('every package that src and actors import is a dependency, and every dependency is imported', () => {
  const { dependencies } = JSON.parse(read('package.json'));
  const isOther = (what: string): boolean => !what.startsWith('.') && !what.startsWith('node:');
  const imported = new Set(
    sources
      // What pages import is built into them.
      .filter((file) => !file.startsWith('src/web/'))
      .flatMap((file) => importsOf(read(file)).map(({ what }) => what))
      .filter(isOther)
      .map((what) => what.split('/', what.startsWith('@') ? 2 : 1).join('/')),
  );
  assert.deepEqual([...imported].sort(), Object.keys(dependencies).sort());
});
