// npm test [-- path ...]: everything that a change must pass. npm run bench [-- name ... word ...]: the benches, which are
// handed the words that are in the name of none. npm run drills [-- rounds]: each kind of hang so many times (30).
// npm run test:cluster [-- scenario ...]: what may happen to three nodes, one by one.
// A path filters the tests: `npm test -- unit/core/rtmp` runs those whose file name holds it, and skips the checks.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { buildWhatIsStale, root } from '../src/launch/build.mjs';
import { compile } from '../src/launch/build-native.mjs';
import { installPrerequisites } from './prerequisites.mjs';

const built = join(root, '.build/js/test');
/** Where test/cpu-times.mjs notes them, for test/slowest.mjs. */
const cpuTimes = join(root, '.build/cpu-times.txt');
/** Of `fault` and `e2e` those that wait for what must happen, or judge by stamps: they need no machine for themselves. */
const inCompany = new Set([
  ...[
    'actor-faults',
    'calls-settle',
    'cluster-reach',
    'cluster-streams',
    'clock-steps',
    'descriptors',
    'ending',
    'first-process',
    'idle-stream',
    'pointed',
    'source-loss',
    'viewer-dials',
  ].map((name) => `fault/${name}`),
  ...[
    'full-queue',
    'hangs',
    'live-fuzz',
    'many-recordings',
    'memory',
    'no-ffmpeg',
    'process-crash',
    'recording-disk',
  ].map((name) => `fault/${name}`),
  ...['rendition-abort', 'send-counts', 'shards', 'slow-viewer', 'state/keeper', 'survive', 'watched-process'].map(
    (name) => `fault/${name}`,
  ),
  ...['forty-pulls', 'ice', 'live-changes', 'publisher-restart', 'rtmp-out', 'single-port'].map(
    (name) => `e2e/${name}`,
  ),
  ...['npm-start', 'sigterm', 'snapshot', 'source-data', 'source-reasons', 'source-servers', 'stream-changes'].map(
    (name) => `e2e/${name}`,
  ),
  ...['agent-sdp', 'check', 'console', 'field', 'playback', 'player', 'recording', 'secrets', 'start', 'survive'].map(
    (name) => `e2e/${name}`,
  ),
  ...['commands', 'package', 'player-servers', 'time-shift', 'udp-blocked', 'undecoded'].map((name) => `e2e/${name}`),
  'cluster/cluster',
  'fault/single-port',
  ...['wcs-mse', 'wcs-official-pages', 'wcs-pages', 'wcs-rest-client', 'wcs-sdk', 'wcs-sdk-options'].map(
    (name) => `e2e/${name}`,
  ),
]);

/**
 * Ends what hangs, and judges nobody's speed: on Node 20 and 22 it bounds a whole file, on 24 each test. The longest file takes
 * a minute and a half on two cores of its own.
 */
const timeoutMs = 600_000;

/** In this order; what measures browsers and time gets the machine for itself. */
const groups = [
  { folders: ['unit', 'fuzz'], concurrency: availableParallelism() },
  { folders: ['server', 'actor'], concurrency: 3 },
  { folders: ['fault', 'e2e', 'cluster'], concurrency: 2, takes: (name) => inCompany.has(name) },
  { folders: ['fault', 'e2e'], concurrency: 1, takes: (name) => !inCompany.has(name) },
];

/**
 * What viewers see of a stream must not depend on what sends to them (webrtc.fanout): of the browser tests one runs in the
 * whole run a second time, where the add-on is not used. `SLUICE_WEBRTC_FANOUT=js npm test -- e2e` runs all of them so.
 */
const withoutAddOn = {
  concurrency: 1,
  env: { SLUICE_WEBRTC_FANOUT: 'js' },
  folders: ['e2e'],
  takes: (name) => name === 'e2e/nginx-whep',
};

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

function runGroup({ folders, concurrency, env = {}, takes = () => true }) {
  const suffix = '.test.js';
  const all = folders.flatMap((folder) => filesOf(folder, suffix));
  const files = all.filter((file) => takes(relative(built, file).slice(0, -suffix.length)));
  if (files.length === 0) return { isGood: true, count: 0 };
  const setting = Object.entries(env).map(([name, value]) => ` with ${name}=${value}`);
  console.error(`\n${folders.join(', ')}: ${files.length} files${setting.join('')}`);
  // Whose descendants are no strangers to a test that measures; in company each test is a stranger to the others.
  if (concurrency === 1) process.env.TEST_RUN_PID = String(process.pid);
  else delete process.env.TEST_RUN_PID;
  const options = [
    '--enable-source-maps',
    ...(filters.length === 0 ? ['--import', join(root, 'test/cpu-times.mjs')] : []),
    '--test',
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${isDrills ? drillsTimeoutMs : timeoutMs}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${join(root, 'test/no-skips.mjs')}`,
    '--test-reporter-destination=stderr',
    ...(filters.length === 0
      ? [`--test-reporter=${join(root, 'test/slowest.mjs')}`, '--test-reporter-destination=stderr']
      : []),
  ];
  rmSync(cpuTimes, { force: true });
  const isGood = run(process.execPath, [...options, ...files], { ...env, TEST_CPU_TIMES: cpuTimes });
  return { isGood, count: files.length };
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

function runTests() {
  installPrerequisites();
  const whyNot = buildLoad();
  if (whyNot !== null) console.error(`The tests have no load client: ${whyNot}`);
  const checks = filters.length > 0 || run('npm', ['run', '-s', 'check']);
  const isWhole = filters.length === 0 && process.env.SLUICE_WEBRTC_FANOUT === undefined;
  const results = (isWhole ? [...groups, withoutAddOn] : groups).map(runGroup);
  const count = results.reduce((sum, result) => sum + result.count, 0);
  if (count === 0) console.error(`No test file matches ${filters.join(' ')}`);
  return checks && count > 0 && results.every(({ isGood }) => isGood);
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
process.exitCode = work() ? 0 : 1;
