// A Debian 13 in a folder, and Node for it: what another system needs that tests run on (nodes.mjs, container.mjs). As root, with
// debootstrap; Debian's packages and Node itself come by their registries.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../src/launch/build.mjs';

/** Of this machine, for which its registries may be known. */
export const certificates = '/etc/ssl/certs/ca-certificates.crt';

export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', cwd: root, ...options });
  if (error !== undefined) throw error;
  return status === 0;
}

export function must(what, isDone) {
  if (!isDone) throw new Error(`${what} failed`);
}

export function said(command, args, cwd = root) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd });
  must(`${command} ${args.join(' ')}: ${stderr}`, status === 0);
  return stdout.trim();
}

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

/** Once; `finish` is for what belongs to it beside its packages. */
export function makeDebian(folder, packages, finish) {
  const ready = join(folder, 'etc/sluice-ready');
  if (existsSync(ready)) return;
  if (process.getuid?.() !== 0) throw new Error('this needs root, for debootstrap and chroot');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const included = `--include=${packages.join(',')}`;
  must('debootstrap', run('debootstrap', ['--variant=minbase', included, 'trixie', folder, mirror()]));
  if (existsSync(certificates)) copyFileSync(certificates, join(folder, certificates));
  finish();
  must('the mark', run('touch', [ready]));
}

/** The npm that runs here. */
export function copyNpm(to) {
  cpSync(dirname(dirname(realpathSync(said('sh', ['-c', 'command -v npm'])))), to, { recursive: true });
}

/** Node with its headers, as npm has it. */
export function installNode(version, folder) {
  if (existsSync(join(folder, 'bin/node'))) return;
  mkdirSync(folder, { recursive: true });
  const file = said('npm', ['pack', '--silent', `node-linux-${process.arch}@${version}`], folder)
    .split('\n')
    .at(-1);
  must('tar', run('tar', ['xzf', join(folder, file), '-C', folder, '--strip-components=1']));
  rmSync(join(folder, file));
}
