// Bundles the main thread, each kind of worker thread and the web pages into .build/dist, because a bundled
// worker starts in a third of the time, and tsx cannot start a Worker from a .ts file at all.
// Asked for --tests, it also transpiles the whole tree file by file into .build/js, where node:test runs it.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addOns, buildNative } from './build-native.mjs';
import { bundleThreads, weriftAliases } from './bundle-threads.mjs';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const dist = join(root, '.build/dist');
const tree = join(root, '.build/js');

/** Every file below the folder, newest change included, without node:fs's glob (Node 22 and later). */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** Bundled in the tree of the tests too, so that they run what is delivered. */
const dtlsToolkit = 'actors/transport/dtls-toolkit.ts';
/** CommonJS inside a bundle needs a require of its own. */
const requireBanner = {
  js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
};

const newestMs = (files) => files.reduce((newest, file) => Math.max(newest, statSync(file).mtimeMs), 0);

/** True when the stamp is missing or older than a source. Without sources (a published package) nothing is stale. */
export function isStale(stamp, folders) {
  const sources = folders.flatMap((folder) => filesBelow(join(root, folder)));
  if (!sources.some((file) => /\.(ts|c)$/.test(file))) return false;
  const stampFile = join(root, '.build', stamp);
  return !existsSync(stampFile) || statSync(stampFile).mtimeMs < newestMs([...sources, join(root, 'package.json')]);
}

/** That of the sources, with a `+` where some of them are not committed; empty: they are in no repository. */
function commit() {
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  const head = git('rev-parse', '--short=12', 'HEAD');
  if (head.status !== 0) return '';
  return `${head.stdout.trim()}${git('status', '--porcelain', '--', 'src', 'actors').stdout === '' ? '' : '+'}`;
}

async function bundle(folder) {
  const { build } = await import('esbuild');
  const shared = {
    bundle: true,
    platform: 'node',
    target: 'node20',
    absWorkingDir: root,
    logLevel: 'warning',
  };
  await build({
    ...shared,
    entryPoints: { main: 'src/main.ts', parent: 'src/parent/parent.ts' },
    format: 'esm',
    splitting: true,
    sourcemap: true,
    outdir: join(folder, 'main'),
    outExtension: { '.js': '.mjs' },
    packages: 'external',
    define: { builtFromCommit: JSON.stringify(commit()) },
  });
  // Worker bundles carry the JavaScript of what they use (ARCHITECTURE.md: 175 ms against 455 ms to start).
  await bundleThreads(root, join(folder, 'actors'), shared);
  await bundlePages(folder);
}

async function bundlePages(folder) {
  const { build } = await import('esbuild');
  const shared = {
    bundle: true,
    format: 'esm',
    target: 'es2022',
    outdir: join(folder, 'web'),
    absWorkingDir: root,
    logLevel: 'warning',
  };
  // One file, for the pages of others.
  await build({
    ...shared,
    minify: true,
    entryPoints: ['src/web/player/sluice-player.ts', 'src/web/console/console.ts', 'src/web/console/console.css'],
    entryNames: '[name]',
  });
  await build({
    ...shared,
    // The client stands by itself too, for pages that embed it.
    entryPoints: [
      ...[
        'player.ts',
        'player.html',
        'player.css',
        'embed.ts',
        'embed.html',
        'embed.css',
        'two-way.ts',
        'two-way.html',
        'play.ts',
        'play.html',
        'play.css',
        'api-docs.ts',
        'api-docs.html',
        'api-docs.css',
        'console.html',
      ],
      ...['whep-client.ts', 'mse-client.ts', 'icon.svg'],
    ].map((file) => `src/web/${file}`),
    loader: { '.html': 'copy', '.svg': 'copy' },
  });
  // As they are published, minified.
  copyFileSync(join(root, 'node_modules/hls.js/dist/hls.min.mjs'), join(folder, 'web/sluice-hls.js'));
  for (const file of ['swagger-ui-bundle.js', 'swagger-ui.css']) {
    copyFileSync(join(root, 'node_modules/swagger-ui-dist', file), join(folder, 'web', file));
  }
}

async function transpile(folder) {
  const { build } = await import('esbuild');
  const sources = ['src', 'actors', 'test']
    .flatMap((folder) => filesBelow(join(root, folder)))
    .filter((file) => file.endsWith('.ts') && !relative(root, file).startsWith('src/web/'));
  const shared = {
    outdir: folder,
    outbase: root,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: true,
    absWorkingDir: root,
    logLevel: 'warning',
  };
  await build({ ...shared, entryPoints: sources.filter((file) => relative(root, file) !== dtlsToolkit) });
  await build({
    ...shared,
    entryPoints: [dtlsToolkit],
    bundle: true,
    alias: weriftAliases(root),
    banner: requireBanner,
  });
}

function compileAddOns() {
  for (const [name, { without }] of Object.entries(addOns)) {
    const whyNot = buildNative(name);
    if (whyNot !== null) console.error(`${without}: ${whyNot}.`);
  }
  mkdirSync(join(root, '.build'), { recursive: true });
  writeFileSync(join(root, '.build/native.stamp'), '');
}

/**
 * Makes the output beside the old one and puts it in its place when it is whole. The stamp bears the time at which the
 * sources were read, so that what changed meanwhile is stale.
 */
async function make(output, stamp, run) {
  const startMs = Date.now();
  const fresh = `${output}.${process.pid}`;
  try {
    await run(fresh);
    rmSync(output, { recursive: true, force: true });
    renameSync(fresh, output);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  const stampFile = join(root, '.build', stamp);
  writeFileSync(stampFile, '');
  utimesSync(stampFile, startMs / 1000, startMs / 1000);
}

/** Builds what is older than its sources. */
export async function buildWhatIsStale({ tests = false } = {}) {
  const natives = Object.values(addOns).flatMap(({ sources }) => sources);
  if (isStale('native.stamp', natives)) compileAddOns();
  if (isStale('dist.stamp', ['src', 'actors'])) {
    await make(dist, 'dist.stamp', bundle);
    // Without it Sluice starts all the same.
    spawnSync(process.execPath, [join(root, 'src/launch/train.mjs'), root], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  if (tests && isStale('js.stamp', ['src', 'actors', 'test'])) await make(tree, 'js.stamp', transpile);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildWhatIsStale({ tests: process.argv.includes('--tests') });
}
