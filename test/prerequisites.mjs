// The real programs that the tests start. As root on Debian or Ubuntu what is missing is installed by apt-get;
// elsewhere the run fails and says what to install.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const wanted = [
  { what: 'nginx', packages: ['nginx-light'], isThere: () => runs('nginx', '-v') },
  {
    what: "nginx's RTMP module",
    packages: ['libnginx-mod-rtmp'],
    isThere: () => existsSync('/usr/lib/nginx/modules/ngx_rtmp_module.so'),
  },
  { what: 'HAProxy', packages: ['haproxy'], isThere: () => runs('haproxy', '-v') },
  { what: 'Caddy', packages: ['caddy'], isThere: () => runs('caddy', 'version') },
  { what: 'redis-server', packages: ['redis-server'], isThere: () => runs('redis-server', '--version') },
  { what: 'ffmpeg', packages: ['ffmpeg'], isThere: () => runs('ffmpeg', '-version') },
  {
    what: 'Chromium',
    packages: ['chromium', 'fonts-dejavu-core'],
    isThere: () => runs(process.env.SLUICE_TEST_CHROMIUM ?? '/usr/bin/chromium', '--version'),
  },
  {
    what: 'Firefox ESR',
    packages: ['firefox-esr'],
    isThere: () => runs(process.env.SLUICE_TEST_FIREFOX ?? '/usr/bin/firefox-esr', '--version'),
  },
  { what: 'promtool', packages: ['prometheus'], isThere: () => runs('promtool', '--version') },
  {
    what: 'mkfs.ext4, mount and fsfreeze',
    packages: ['e2fsprogs', 'mount', 'util-linux'],
    isThere: () => runs('mkfs.ext4', '-V') && runs('mount', '--version') && runs('fsfreeze', '--version'),
  },
  {
    what: 'libfaketime',
    packages: ['libfaketime'],
    isThere: () => readdirSync('/usr/lib').some((name) => existsSync(`/usr/lib/${name}/faketime/libfaketimeMT.so.1`)),
  },
  { what: 'ip and tc', packages: ['iproute2'], isThere: () => runs('ip', '-V') && runs('tc', '-V') },
];

const runs = (command, argument) => spawnSync(command, [argument], { stdio: 'ignore', timeout: 60_000 }).status === 0;

const isDebian = () =>
  existsSync('/etc/os-release') && /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));

const words = (missing) =>
  `The tests need ${missing.map(({ what }) => what).join(', ')}. On Debian, as root:
  apt-get install -y --no-install-recommends ${missing.flatMap(({ packages }) => packages).join(' ')}
Ubuntu ships both browsers as snaps, which these tests cannot drive: install Chromium and Firefox ESR in another way
and name them by SLUICE_TEST_CHROMIUM and SLUICE_TEST_FIREFOX.`;

/** Installs what is missing, or throws with words that say what to do. */
export function installPrerequisites() {
  const missing = wanted.filter(({ isThere }) => !isThere());
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !isDebian()) throw new Error(words(missing));
  console.error(`Installing ${missing.map(({ what }) => what).join(', ')}`);
  withoutServices(() => {
    const apt = (...args) =>
      spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
        timeout: 600_000,
      });
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...missing.flatMap(({ packages }) => packages));
  });
  const still = missing.filter(({ isThere }) => !isThere());
  if (still.length > 0) throw new Error(words(still));
}

/** Debian starts a service when it is installed; the tests' nginx is their own. */
function withoutServices(install) {
  const policy = '/usr/sbin/policy-rc.d';
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    install();
  } finally {
    if (isOurs) rmSync(policy, { force: true });
  }
}
