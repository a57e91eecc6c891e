/**
 * Where every thread begins: runs its script, and the scripts that this one loads later, each with the code that an earlier
 * thread has compiled of it. To compile the same functions once more in every thread costs more than all else that a stream
 * does in its first seconds.
 *
 * The code lies beside the scripts, in a folder of this very V8: the first thread that has run a script for a while writes
 * what it has compiled until then, unless that was done before, or the folder cannot be written. V8 refuses code of another
 * version, or made by other flags.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, wrap } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { Script } from 'node:vm';
import { parentPort, threadId, workerData } from 'node:worker_threads';

/** Until then a stream has met what it meets. */
const writeAfterMs = 15_000;
/** The run after a build (src/launch/train.mjs) ends its threads when they have met it. */
const writesAtEnd = process.env.SLUICE_CODE_AT_END === '1';

interface Module {
  exports: unknown;
}

const entry: string = workerData.entry;
const folder = dirname(entry);
const codeFolder = join(folder, `code-${process.version}-${process.arch}-${cachedDataVersionTag()}`);
const fromNode = createRequire(entry);
const modules = new Map<string, Module>();
/** Resolves when this thread has something to run: a spare thread runs nothing until the message comes that is its stream. */
const running = new Promise<void>((resolve) => {
  if (workerData.loadsAhead !== true) resolve();
  else parentPort?.once('message', (stream: unknown) => stream !== null && resolve());
});
/** Scripts of which no thread had left code when this one loaded them. */
const fresh = new Map<string, Script>();

function readCode(file: string): Buffer | undefined {
  try {
    return readFileSync(join(codeFolder, basename(file)));
  } catch {
    return undefined;
  }
}

function writeCode(file: string, script: Script): void {
  const to = join(codeFolder, basename(file));
  if (existsSync(to)) return;
  const part = `${to}.${process.pid}.${threadId}`;
  try {
    mkdirSync(codeFolder, { recursive: true });
    writeFileSync(part, script.createCachedData());
    renameSync(part, to);
  } catch {
    // Installed where it may not write: every thread compiles for itself.
  }
}

function writeFresh(): void {
  for (const [file, script] of fresh) writeCode(file, script);
}

/** Scripts are ASCII, so that V8 needs one byte for each character of those that it keeps. */
function compile(file: string): Script {
  const cachedData = readCode(file);
  const script = new Script(wrap(readFileSync(file, 'latin1')), { filename: file, cachedData });
  const isNew = cachedData === undefined || script.cachedDataRejected === true;
  if (isNew && writesAtEnd) fresh.set(file, script);
  else if (isNew) void running.then(() => setTimeout(() => writeCode(file, script), writeAfterMs).unref());
  return script;
}

function load(file: string): unknown {
  const known = modules.get(file);
  if (known !== undefined) return known.exports;
  const module: Module = { exports: {} };
  modules.set(file, module);
  const run = compile(file).runInThisContext();
  run(module.exports, requireFrom, module, file, folder);
  return module.exports;
}

const requireFrom = (name: string): unknown => (name.startsWith('./') ? load(join(folder, name)) : fromNode(name));

if (writesAtEnd) void running.then(() => process.once('exit', writeFresh));
load(entry);
