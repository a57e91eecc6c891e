// Bundles the worker threads: each entry and each part that is loaded later is one script, which V8 takes with the code that an
// earlier thread has compiled of it (actors/runtime/thread.ts). ES modules cannot be given compiled code, so esbuild splits
// the bundle as ES modules, and turns each piece into CommonJS after that.
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/**
 * Packages that werift imports, by what stands in for them: arithmetic by node:crypto in place of JavaScript, and nothing for
 * what a DTLS server does not call. A thread reads 0.14 MB for its first viewer in place of 1.2.
 */
export const weriftAliases = (root) =>
  Object.fromEntries(
    Object.entries({
      tweetnacl: 'x25519',
      '@noble/curves/p256': 'p256',
      '@fidm/x509': 'x509',
      '@peculiar/x509': 'unused',
      'multicast-dns': 'unused',
    }).map(([name, file]) => [name, join(root, `actors/transport/werift/${file}.ts`)]),
  );

/**
 * node-av's constants are numbers, but for a few that it fetches from its binary: those are left out, so that who imports numbers
 * does not load the binary, which may not be there.
 */
const numbersAlone = {
  name: 'numbers-alone',
  setup({ onLoad }) {
    onLoad({ filter: /node-av\/dist\/constants\/constants\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/^export \{[^}]*\} from '\.\.\/lib\/error\.js';/m, ''),
    }));
  },
};

/** A copy of werift for what receives: else all that uses it would share one script, and each first viewer's thread load all of it. */
const ownWerift = {
  name: 'own-werift',
  setup(build) {
    build.onResolve({ filter: /^werift$/ }, async ({ importer, kind, resolveDir, pluginData }) => {
      if (pluginData === ownWerift || !importer.endsWith('actors/source/webrtc/toolkit.ts')) return undefined;
      const { path } = await build.resolve('werift', { importer, kind, resolveDir, pluginData: ownWerift });
      return { path, suffix: '?receiving' };
    });
  },
};

const entries = {
  stream: 'actors/stream/boot.ts',
  rendition: 'actors/rendition/boot.ts',
  'rendition-process': 'actors/rendition/process.ts',
  shard: 'actors/viewers/shard-boot.ts',
  pool: 'actors/pool/tasks.ts',
  recorder: 'actors/recording/boot.ts',
  demo: 'actors/demo/boot.ts',
};
/** Names stay, for stack traces. */
const size = { minifyWhitespace: true, minifySyntax: true, lineLimit: 160 };
/** A script has no import() of its own: what is loaded later is required. */
const supported = { 'dynamic-import': false };
const importMetaUrl = {
  define: { 'import.meta.url': '__importMetaUrl' },
  banner: `const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;`,
};

/** Into `folder`. node-av's binary stays outside. */
export async function bundleThreads(root, folder, shared) {
  const { build, transform } = await import('esbuild');
  const outExtension = { '.js': '.cjs' };
  const { outputFiles } = await build({
    ...shared,
    ...size,
    entryPoints: entries,
    format: 'esm',
    splitting: true,
    outdir: folder,
    outExtension,
    write: false,
    external: ['@seydx/*'],
    alias: weriftAliases(root),
    plugins: [numbersAlone, ownWerift],
  });
  mkdirSync(folder, { recursive: true });
  for (const { path, text } of outputFiles) {
    const { code } = await transform(text, {
      ...size,
      ...importMetaUrl,
      format: 'cjs',
      target: shared.target,
      supported,
    });
    writeFileSync(join(folder, basename(path)), code);
  }
  await build({
    ...shared,
    entryPoints: { thread: 'actors/runtime/thread.ts' },
    format: 'cjs',
    outdir: folder,
    outExtension,
  });
}
