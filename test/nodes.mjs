// npm run test:nodes [-- node ...]: the tests of `unit`, `server`, `actor` and `fault` on other versions of Node than this
// machine's C library may allow (22 and 24, unless others are named), in a Debian 13 that is made once, below the folder for
// temporary files. What is tested is the last commit. As root, with debootstrap; Debian's packages and Node itself come by
// their registries. FILTER="fault/process-crash" takes other tests than these four folders.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../src/launch/build.mjs';

const home = join(tmpdir(), 'sluice-nodes');
const debian = join(home, 'debian13');
const certificates = '/etc/ssl/certs/ca-certificates.crt';
const wanted = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24'];
const filters = (process.env.FILTER ?? 'unit/ server/ actor/ fault/').split(' ');

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', cwd: root, ...options });
  if (error !== undefined) throw error;
  return status === 0;
}

function must(what, isDone) {
  if (!isDone) throw new Error(`${what} failed`);
}

const said = (command, args, cwd = root) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd });
  must(`${command} ${args.join(' ')}: ${stderr}`, status === 0);
  return stdout.trim();
};

/** The mirror that this machine installs from, else Debian's own. */
function mirror() {
  const files = ['/etc/apt/sources.list', ...filesIn('/etc/apt/sources.list.d')].filter((file) => existsSync(file));
  const found = files
    .map((file) => /^(?:URIs:|deb(?: \[[^\]]*\])?) *(https?:\S*debian\S*)/m.exec(readFileSync(file, 'utf8'))?.[1])
    .find((address) => address !== undefined && !address.includes('security'));
  return found ?? 'https://deb.debian.org/debian';
}

const filesIn = (folder) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /\.(list|sources)$/.test(name))
        .map((name) => join(folder, name))
    : [];

/** Debian 13 with a compiler, and the npm that runs here. What else the tests need they install themselves. */
function makeDebian() {
  const ready = join(debian, 'etc/sluice-ready');
  if (existsSync(ready)) return;
  if (process.getuid?.() !== 0) throw new Error('npm run test:nodes needs root, for debootstrap and chroot');
  rmSync(debian, { recursive: true, force: true });
  mkdirSync(debian, { recursive: true });
  const packages = 'ca-certificates,git,procps,iproute2,gcc,libc6-dev';
  must('debootstrap', run('debootstrap', ['--variant=minbase', `--include=${packages}`, 'trixie', debian, mirror()]));
  cpSync(dirname(dirname(realpathSync(said('sh', ['-c', 'command -v npm'])))), join(debian, 'opt/npm'), {
    recursive: true,
  });
  if (existsSync(certificates)) copyFileSync(certificates, join(debian, certificates));
  must('the mark', run('touch', [ready]));
}

/** Node with its headers, as npm has it. */
function installNode(version) {
  const folder = join(debian, `opt/node-${version}`);
  if (existsSync(join(folder, 'bin/node'))) return;
  const file = said('npm', ['pack', '--silent', `node-linux-${process.arch}@${version}`], home)
    .split('\n')
    .at(-1);
  mkdirSync(folder, { recursive: true });
  must('tar', run('tar', ['xzf', join(home, file), '-C', folder, '--strip-components=1']));
}

const steps = `
set -e
# The root of name spaces must be a mount (ip-netns(8)).
mount --bind $DEBIAN $DEBIAN
mount -t proc proc $DEBIAN/proc
for place in dev sys; do mount --rbind /$place $DEBIAN/$place; done
# Not exec: the first process of the name space, a shell, reaps what is left to it.
chroot $DEBIAN /bin/bash -ec '
  cd $PROJECT
  printf "#!/bin/sh\\nexec node /opt/npm/bin/npm-cli.js \\"\\$@\\"\\n" >/usr/local/bin/npm
  chmod +x /usr/local/bin/npm
  export PATH=/opt/node-$VERSION/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME=/root
  npm ci --silent
  node test/run.mjs $FILTERS
'
exit $?`;

/** Mounts and processes are those of name spaces of their own, which end with this process, however it ends. */
function testOn(version) {
  const project = `/srv/sluice-${process.pid}`;
  const folder = join(debian, project);
  must('git clone', run('git', ['clone', '--quiet', root, folder]));
  for (const file of ['resolv.conf', 'hosts']) copyFileSync(`/etc/${file}`, join(debian, 'etc', file));
  const env = {
    PATH: process.env.PATH,
    DEBIAN: debian,
    PROJECT: project,
    VERSION: version,
    FILTERS: filters.join(' '),
    npm_config_registry: said('npm', ['config', 'get', 'registry']),
    npm_config_cafile: certificates,
    NODE_EXTRA_CA_CERTS: certificates,
  };
  try {
    const apart = ['unshare', '--pid', '--fork', '--kill-child', '--mount', '--propagation=private'];
    return run('setpriv', ['--pdeathsig', 'KILL', ...apart, 'sh', '-c', steps], { env });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

makeDebian();
const results = wanted.map((version) => {
  installNode(version);
  return { version, isGood: testOn(version) };
});
for (const { version, isGood } of results) console.error(`Node ${version}: ${isGood ? 'all tests passed' : 'failed'}`);
process.exitCode = results.every(({ isGood }) => isGood) ? 0 : 1;
