// npm run test:nodes [-- node ...]: the tests of `unit`, `server`, `actor` and `fault` on other versions of Node than this
// machine's C library may allow (22 and 24, unless others are named), in a Debian 13 that is made once, below the folder for
// temporary files. What is tested is the last commit. As root, with debootstrap; Debian's packages and Node itself come by
// their registries. FILTER="fault/process-crash" takes other tests than these four folders.
import { copyFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../src/launch/build.mjs';
import { certificates, copyNpm, installNode, makeDebian, must, run, said } from './debian13.mjs';

const home = join(tmpdir(), 'sluice-nodes');
const debian = join(home, 'debian13');
const wanted = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24'];
const filters = (process.env.FILTER ?? 'unit/ server/ actor/ fault/').split(' ');

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

// With a compiler, and the npm that runs here. What else the tests need they install themselves.
makeDebian(debian, ['ca-certificates', 'git', 'procps', 'iproute2', 'gcc', 'libc6-dev'], () =>
  copyNpm(join(debian, 'opt/npm')),
);
const results = wanted.map((version) => {
  installNode(version, join(debian, `opt/node-${version}`));
  return { version, isGood: testOn(version) };
});
for (const { version, isGood } of results) console.error(`Node ${version}: ${isGood ? 'all tests passed' : 'failed'}`);
process.exitCode = results.every(({ isGood }) => isGood) ? 0 : 1;
