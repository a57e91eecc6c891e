// npm test [-- path ...]: everything that a change must pass. npm run bench [-- name ... word ...]: the benches, which are
// handed the words that are in the name of none. npm run drills [-- rounds]: each kind of hang so many times (30).
// npm run test:cluster [-- scenario ...]: what may happen to three nodes, one by one.
// A path filters the tests: `npm test -- unit/core/rtmp` runs those whose file name holds it, and skips the checks.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { buildWhatIsStale, root } from '../src/launch/build.mjs';
import { compile } from '../src/launch/build-native.mjs';
import { parts, withoutAddOn } from './parts.mjs';
import { installPrerequisites } from './prerequisites.mjs';

const built = join(root, '.build/js/test');
/** Where test/cpu-times.mjs notes them, for test/slowest.mjs. */
const cpuTimes = join(root, '.build/cpu-times.txt');
const testSuffix = '.test.js';
/** Of unlike lengths: more of them than cores. */
const batches = 8;

/**
 * Ends what hangs, and judges nobody's speed: on Node 20 and 22 it bounds a whole file, on 24 each test. The longest file takes
 * a minute and a half on two cores of its own.
 */
const timeoutMs = 600_000;

/** Thirty rounds of each drill take a quarter of an hour. */
const drillsTimeoutMs = 3_600_000;

const isBench = process.argv.includes('--bench');
const isDrills = process.argv.includes('--drills');
const isCluster = process.argv.includes('--cluster');
const words = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const filters = isDrills ? ['fault/hangs'] : words;

function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (error !== undefined) throw error;
  return status === 0;
}

function filesOf(folder, suffix) {
  const path = join(built, folder);
  try {
    return readdirSync(path, { recursive: true })
      .filter((file) => file.endsWith(suffix))
      .map((file) => join(path, file))
      .filter((file) => filters.length === 0 || filters.some((filter) => relative(built, file).includes(filter)))
      .sort();
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

const nameOf = (file) => relative(built, file).slice(0, -testSuffix.length);

/**
 * Files by which all of these are run in a few processes: to start one for each takes longer than most of them. What has hooks for
 * its whole file stays by itself, since in one process they would be those of all.
 */
function inBatches(files) {
  // Of a name behind that of the tree: the runner sorts, and the longest is in the tree.
  const folder = join(root, '.build/unit/test');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return Array.from({ length: batches }, (_, n) => {
    const batch = join(folder, `unit-${n}${testSuffix}`);
    const own = files.filter((_, at) => at % batches === n);
    writeFileSync(batch, own.map((file) => `import ${JSON.stringify(file)};\n`).join(''));
    return batch;
  });
}

const hasHooks = (file) => /^(before|after)(Each)?\(/m.test(readFileSync(file, 'utf8'));

/** The command that runs the files of a group; null: there are none. */
function commandOf({ folders, concurrency, isBatched = () => false, env = {}, takes = () => true }) {
  const all = folders.flatMap((folder) => filesOf(folder, testSuffix));
  const files = all.filter((file) => takes(nameOf(file)));
  if (files.length === 0) return null;
  const setting = Object.entries(env).map(([name, value]) => ` with ${name}=${value}`);
  const isWhole = filters.length === 0;
  const batched = isWhole ? files.filter((file) => isBatched(nameOf(file)) && !hasHooks(file)) : [];
  const own = files.filter((file) => !batched.includes(file));
  rmSync(cpuTimes, { force: true });
  const options = [
    '--enable-source-maps',
    ...(isWhole ? ['--import', join(root, 'test/cpu-times.mjs')] : []),
    '--test',
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${isDrills ? drillsTimeoutMs : timeoutMs}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${join(root, 'test/no-skips.mjs')}`,
    '--test-reporter-destination=stderr',
    ...(isWhole ? [`--test-reporter=${join(root, 'test/slowest.mjs')}`, '--test-reporter-destination=stderr'] : []),
  ];
  return {
    what: `${folders.join(', ')}: ${files.length} files${setting.join('')}`,
    args: [process.execPath, ...options, ...own, ...(batched.length > 0 ? inBatches(batched) : [])],
    count: files.length,
    // Whose descendants are no strangers to a test that measures; in company each test is a stranger to the others.
    env: { ...env, TEST_CPU_TIMES: cpuTimes, TEST_RUNS_ALONE: concurrency === 1 ? '1' : '' },
  };
}

/** Resolves with whether it ended well. What it says goes to the terminal, or into a file. */
async function runCommand([command, ...args], env, output) {
  const said = output === null ? 'inherit' : openSync(output, 'w');
  const stdio = said === 'inherit' ? said : ['ignore', said, said];
  const child = spawn(command, args, { cwd: root, stdio, env: { ...process.env, ...env } });
  if (said !== 'inherit') closeSync(said);
  const [code] = await once(child, 'exit');
  return code === 0;
}

async function runGroup(group) {
  const command = commandOf(group);
  if (command === null) return { isGood: true, count: 0 };
  const { what, args, env, count } = command;
  console.error(`\n${what}`);
  return { isGood: await runCommand(args, env, null), count };
}

/** Beside other things: what they say is said when they are over. */
async function runChecks() {
  const output = join(root, '.build/check.txt');
  const isGood = await runCommand(['npm', 'run', '-s', 'check'], {}, output);
  return { isGood, said: readFileSync(output, 'utf8') };
}

/** The load client in C, which tests and benches share (test/support/load). Gives why there is none, else null. */
function buildLoad() {
  const folder = join(root, 'test/support/load/native');
  const output = join(root, '.build/test/load.node');
  const files = readdirSync(folder).map((file) => join(folder, file));
  const isFresh = existsSync(output) && files.every((file) => statSync(file).mtimeMs < statSync(output).mtimeMs);
  return isFresh
    ? null
    : compile(
        files.filter((file) => file.endsWith('.c')),
        output,
      );
}

async function runTests() {
  installPrerequisites();
  const whyNot = buildLoad();
  if (whyNot !== null) console.error(`The tests have no load client: ${whyNot}`);
  const isWhole = filters.length === 0 && process.env.SLUICE_WEBRTC_FANOUT === undefined;
  const [first, ...others] = isWhole ? [...parts, withoutAddOn] : parts;
  const checking = filters.length === 0 ? runChecks() : null;
  const results = [await runGroup(first)];
  if (checking !== null) {
    const { isGood, said } = await checking;
    console.error(`\nchecks\n${said}`);
    results.push({ isGood, count: 0 });
  }
  for (const group of others) results.push(await runGroup(group));
  const count = results.reduce((sum, result) => sum + result.count, 0);
  if (count === 0) console.error(`No test file matches ${filters.join(' ')}`);
  return count > 0 && results.every(({ isGood }) => isGood);
}

function runCluster() {
  installPrerequisites();
  const whyNot = buildLoad();
  if (whyNot !== null) throw new Error(`there is no load client: ${whyNot}`);
  return run(process.execPath, ['--enable-source-maps', join(built, 'cluster/cluster.js'), ...words]);
}

function runBenches() {
  const whyNot =
    compile([join(root, 'test/bench/native/floor.c')], join(root, '.build/bench/floor.node')) ?? buildLoad();
  if (whyNot !== null) console.error(`The benches have no floor in C to compare with, or no load client: ${whyNot}`);
  const files = filesOf('bench', '.bench.js');
  if (files.length === 0) console.error('There is no bench of that name');
  const handedOn = words.filter((word) => !files.some((file) => relative(built, file).includes(word)));
  const options = ['--enable-source-maps', '--expose-gc'];
  return files.length > 0 && files.every((file) => run(process.execPath, [...options, file, ...handedOn]));
}

if (isDrills) process.env.DRILL_ROUNDS = words[0] ?? '30';
await buildWhatIsStale({ tests: true });
const work = isCluster ? runCluster : isBench ? runBenches : runTests;
process.exitCode = (await work()) ? 0 : 1;
