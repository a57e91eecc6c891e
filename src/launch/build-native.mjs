// Compiles the add-ons where there is a C compiler and Node's headers; they are never needed to run. Nothing is
// downloaded: the headers are those that stand beside the running Node, or that npm is set to build against.
// `npm run build:native` compiles them for every machine that the package is for, and fails where it cannot.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** By the name that src/add-on.ts loads it by: where its sources are, what is lost without it. */
export const addOns = {
  fanout: {
    sources: ['actors/fanout/native', 'actors/transport/native'],
    without: 'The fan-out runs in TypeScript, at more CPU a viewer',
  },
  threads: { sources: ['src/threads/native'], without: 'A hung thread is cut off from its viewers by Node alone' },
};

export const addOnFile = (name, arch = process.arch) =>
  join(root, `.build/native/${process.platform}-${arch}/${name}.node`);

const ownCompiler = process.env.CC ?? 'cc';
/** The machines that the package has add-ons for, by their compilers in Debian. */
const compilers = { x64: 'x86_64-linux-gnu-gcc', arm64: 'aarch64-linux-gnu-gcc' };
/** Of glibc: what Node 22 and 24 need of it anyhow. */
const newestGlibc = 38;

function headers() {
  const places = [process.env.npm_config_nodedir, dirname(dirname(process.execPath)), '/usr', '/usr/local'];
  return places
    .filter((place) => place !== undefined && place !== '')
    .map((place) => join(place, 'include/node'))
    .find((folder) => existsSync(join(folder, 'node_api.h')) && existsSync(join(folder, 'openssl/evp.h')));
}

/** The add-on of this name. `flags`: more of them, for a sanitiser. */
export function buildNative(name, output = addOnFile(name), flags = [], compiler = ownCompiler) {
  const files = addOns[name].sources.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((file) => file.endsWith('.c'))
      .map((file) => join(root, folder, file)),
  );
  return compile(files, output, flags, compiler);
}

/** Makes an add-on of these C files. Gives null when it was built, else why not. */
export function compile(files, output, flags = [], compiler = ownCompiler) {
  const include = headers();
  if (include === undefined) return "Node's headers were not found";
  mkdirSync(dirname(output), { recursive: true });
  // Built beside its place and renamed: a running server keeps the file that it has mapped.
  const made = `${output}.${process.pid}`;
  const ran = spawnSync(
    compiler,
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

/** The newest version 2.x of glibc whose symbols the add-on asks for. */
function glibcOf(file) {
  const names = readFileSync(file, 'latin1').matchAll(/GLIBC_2\.(\d+)/g);
  return Math.max(...[...names].map(([, minor]) => Number(minor)));
}

function buildForPackage(name, arch) {
  const output = addOnFile(name, arch);
  const whyNot = buildNative(name, output, ['-s'], arch === process.arch ? ownCompiler : compilers[arch]);
  if (whyNot !== null) return `${name} for ${arch}: ${whyNot} (Debian: gcc-aarch64-linux-gnu, gcc-x86-64-linux-gnu)`;
  const glibc = glibcOf(output);
  if (glibc > newestGlibc) return `${name} for ${arch} needs glibc 2.${glibc}: build it on an older Debian`;
  console.error(`${name} for ${arch}: glibc 2.${glibc}`);
  return null;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = Object.keys(addOns);
  const complaints = Object.keys(compilers)
    .flatMap((arch) => names.map((name) => buildForPackage(name, arch)))
    .filter((complaint) => complaint !== null);
  for (const complaint of complaints) console.error(complaint);
  process.exitCode = complaints.length === 0 ? 0 : 1;
}
