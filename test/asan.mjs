// npm run test:asan: the tests of the add-ons, with both under AddressSanitizer and UndefinedBehaviorSanitizer.
// Node itself is not built for it: its own leaks at exit are left out, those with an add-on on their stack are not.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildWhatIsStale, root } from '../src/launch/build.mjs';
import { addOnFile, addOns, buildNative } from '../src/launch/build-native.mjs';

/** A tree of its own, so that nothing else ever loads these add-ons: whatever is built looks for them in its own .build. */
const folder = join(root, '.build/asan');
const logs = join(folder, 'logs');
const filters = process.argv.slice(2);

const flags = ['-g', '-fno-omit-frame-pointer', '-fsanitize=address,undefined', '-fno-sanitize-recover=undefined'];

function library(name) {
  const { stdout } = spawnSync(process.env.CC ?? 'cc', [`-print-file-name=${name}`], { encoding: 'utf8' });
  if (!stdout.includes('/')) throw new Error(`the C compiler has no ${name}`);
  return stdout.trim();
}

/** Reports of errors, and of leaks with an add-on on the stack of the allocation. */
function findings() {
  return readdirSync(logs)
    .map((file) => readFileSync(join(logs, file), 'utf8'))
    .flatMap((text) => text.split(/\n\s*\n/))
    .filter(
      (block) =>
        /ERROR: AddressSanitizer|runtime error/.test(block) ||
        /leak of [\s\S]*\/(fanout|threads|transport)\/native\//.test(block),
    );
}

await buildWhatIsStale({ tests: true });
rmSync(folder, { recursive: true, force: true });
mkdirSync(logs, { recursive: true });
for (const name of Object.keys(addOns)) {
  const whyNot = buildNative(name, join(folder, relative(root, addOnFile(name))), flags);
  if (whyNot !== null) throw new Error(`the add-on ${name} could not be built for the sanitizers: ${whyNot}`);
}
const built = join(folder, '.build/js');
cpSync(join(root, '.build/js'), built, { recursive: true });

const tests = join(built, 'test/actor');
const files = ['fanout', 'threads', 'transport']
  .flatMap((room) => readdirSync(join(tests, room)).map((file) => join(room, file)))
  .filter((file) => /(fanout.*|cut-off.*|receiver.*|single-port)\.test\.js$/.test(file))
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));
const { status } = spawnSync(
  process.execPath,
  [
    ...['--test', '--test-concurrency=1', '--test-timeout=240000', '--test-reporter=spec'],
    ...files.map((file) => join(tests, file)),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      LD_PRELOAD: `${library('libasan.so')} ${library('libubsan.so')}`,
      // OpenSSL and V8 keep no frame pointers: the slow way alone finds who allocated.
      ASAN_OPTIONS: `log_path=${join(logs, 'asan')}:fast_unwind_on_malloc=0:malloc_context_size=12:detect_leaks=1:quarantine_size_mb=4`,
      LSAN_OPTIONS: 'exitcode=0:report_objects=0',
      UBSAN_OPTIONS: `log_path=${join(logs, 'ubsan')}:print_stacktrace=1`,
    },
  },
);
const found = findings();
for (const block of found) console.error(`\n${block}`);
console.log(`${files.length} files, ${found.length} findings of the sanitizers`);
process.exitCode = status === 0 && files.length > 0 && found.length === 0 ? 0 : 1;
