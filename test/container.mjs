// npm run test:container: builds config/Dockerfile of the last commit and runs it as the documents say, by podman (test/container).
// As root on Debian; what is missing is installed. No image comes from a registry: the base image that the Dockerfile names is made
// of a Debian 13 and Node, below the folder for temporary files, once. CONTAINERS_CONF is podman's own, for another runtime.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWhatIsStale, root } from '../src/launch/build.mjs';
import { certificates, copyNpm, installNode, makeDebian, must, run, said } from './debian13.mjs';
import { installPrerequisites } from './prerequisites.mjs';

const home = join(tmpdir(), 'sluice-container');
const debian = join(home, 'base');
const [, base, version] = /^FROM (node:(\d+)-\S+)/m.exec(readFileSync(join(root, 'config/Dockerfile'), 'utf8'));
/** Of Debian 13: those before it give a container on the network of the host another one beside. */
const compose = join(home, 'compose');
const packages = [
  'podman',
  'crun',
  'netavark',
  'catatonit',
  'iptables',
  'debootstrap',
  'git',
  'python3-dotenv',
  'python3-yaml',
];

function installPodman() {
  const isThere = ['podman', 'catatonit', 'iptables', 'debootstrap'].every(
    (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0,
  );
  if (!isThere) must('apt-get', run('apt-get', ['install', '-y', '--no-install-recommends', ...packages]));
}

function installCompose() {
  const fetch = 'apt-get update -qq && cd /tmp && apt-get download -qq podman-compose && rm -rf /var/lib/apt/lists/*';
  copyFileSync('/etc/resolv.conf', join(debian, 'etc/resolv.conf'));
  must('apt-get download', run('chroot', [debian, 'sh', '-c', fetch]));
  const [file] = readdirSync(join(debian, 'tmp')).filter((name) => name.endsWith('.deb'));
  must('dpkg-deb', run('dpkg-deb', ['-x', join(debian, 'tmp', file), compose]));
  rmSync(join(debian, 'tmp', file));
}

/** As Node's image is: npm beside it, and a user of its own. npm asks the registry that this machine asks. */
function finishBase() {
  const prefix = join(debian, 'usr/local');
  installNode(version, prefix);
  copyNpm(join(prefix, 'lib/node_modules/npm'));
  for (const name of ['npm', 'npx']) {
    rmSync(join(prefix, 'bin', name), { force: true });
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(prefix, 'bin', name));
  }
  mkdirSync(join(prefix, 'etc'), { recursive: true });
  const registry = said('npm', ['config', 'get', 'registry']);
  writeFileSync(join(prefix, 'etc/npmrc'), `registry=${registry}\ncafile=${certificates}\n`);
  must('groupadd', run('chroot', [debian, 'groupadd', '--gid', '1000', 'node']));
  installCompose();
  must('useradd', run('chroot', [debian, 'useradd', '--uid', '1000', '--gid', 'node', '--create-home', 'node']));
}

function makeBaseImage() {
  if (existsSync(compose) && run('podman', ['image', 'exists', `localhost/${base}`])) return;
  makeDebian(debian, ['ca-certificates'], finishBase);
  const tar = spawnSync('tar', ['-C', debian, '-cf', join(home, 'base.tar'), '.'], { stdio: 'inherit' });
  must('tar', tar.status === 0);
  must('podman import', run('podman', ['import', '--quiet', join(home, 'base.tar'), `localhost/${base}`]));
  rmSync(join(home, 'base.tar'));
}

/** The last commit, as somebody has it who cloned it. */
function buildImage() {
  const clone = join(home, 'clone');
  rmSync(clone, { recursive: true, force: true });
  must('git clone', run('git', ['clone', '--quiet', root, clone]));
  // A health check is none of the OCI's format.
  const options = ['--format', 'docker', '--pull=never', '--network=host', '-f', 'config/Dockerfile', '-t', 'sluice'];
  must('podman build', run('podman', ['build', ...options, '.'], { cwd: clone }));
}

installPrerequisites();
installPodman();
makeBaseImage();
buildImage();
await buildWhatIsStale({ tests: true });
process.env.PYTHONPATH = join(compose, 'usr/lib/python3/dist-packages');
const program = join(root, '.build/js/test/container/container.js');
process.exitCode = run(process.execPath, ['--enable-source-maps', '--test-reporter=spec', program]) ? 0 : 1;
