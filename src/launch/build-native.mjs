// Compiles the add-ons where there is a C compiler and Node's headers; they are never needed to run. Nothing is
// downloaded: the headers are those that stand beside the running Node, or that npm is set to build against.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** By the name that src/add-on.ts loads it by: where its sources are, what is lost without it. */
export const addOns = {
  fanout: { sources: 'actors/fanout/native', without: 'The fan-out runs in TypeScript, at more CPU a viewer' },
  threads: { sources: 'src/threads/native', without: 'A hung thread is cut off from its viewers by Node alone' },
};

export const addOnFile = (name) => join(root, `.build/native/${process.platform}-${process.arch}/${name}.node`);

function headers() {
  const places = [process.env.npm_config_nodedir, dirname(dirname(process.execPath)), '/usr', '/usr/local'];
  return places
    .filter((place) => place !== undefined && place !== '')
    .map((place) => join(place, 'include/node'))
    .find((folder) => existsSync(join(folder, 'node_api.h')) && existsSync(join(folder, 'openssl/evp.h')));
}

/** The add-on of this name. `flags`: more of them, for a sanitiser. */
export function buildNative(name, output = addOnFile(name), flags = []) {
  const folder = join(root, addOns[name].sources);
  const files = readdirSync(folder).filter((file) => file.endsWith('.c'));
  return compile(
    files.map((file) => join(folder, file)),
    output,
    flags,
  );
}

/** Makes an add-on of these C files. Gives null when it was built, else why not. */
export function compile(files, output, flags = []) {
  const include = headers();
  if (include === undefined) return "Node's headers were not found";
  mkdirSync(dirname(output), { recursive: true });
  // Built beside its place and renamed: a running server keeps the file that it has mapped.
  const made = `${output}.${process.pid}`;
  const ran = spawnSync(
    process.env.CC ?? 'cc',
    [
      '-std=c11',
      '-O2',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-fPIC',
      '-fvisibility=hidden',
      '-shared',
      ...flags,
      '-isystem',
      include,
      ...files,
      '-o',
      made,
    ],
    { encoding: 'utf8', timeout: 120_000 },
  );
  if (ran.error !== undefined) return `no C compiler: ${ran.error.message}`;
  if (ran.status !== 0) return `the C compiler failed: ${ran.stderr.trim()}`;
  renameSync(made, output);
  return null;
}
