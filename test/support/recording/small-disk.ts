/** A small file system of its own, ext4 in a file, with which everything may be done that befalls a disk. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly folder: string;
  freeBytes(): number;
  /** Takes all room but so much. */
  fill(leaveBytes: number): void;
  /** Gives back what `fill` took. */
  empty(): void;
  /** No file may be open for writing then. */
  setReadOnly(isReadOnly: boolean): void;
  /** Who writes or syncs stands still until `thaw`. */
  freeze(): void;
  thaw(): void;
  close(): void;
}

function run(program: string, ...args: readonly string[]): void {
  try {
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    throw new Error(
      `this test mounts a disk: run it as root, where the kernel and the container allow loop devices. ` +
        `${program} ${args.join(' ')}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

export function mountSmallDisk(bytes: number): SmallDisk {
  const place = mkdtempSync(join(tmpdir(), 'sluice-disk-'));
  const [image, folder] = [join(place, 'image'), join(place, 'mounted')];
  const ballast = join(folder, 'ballast');
  writeFileSync(image, '');
  truncateSync(image, bytes);
  run('mkfs.ext4', '-q', '-m', '0', image);
  run('mkdir', folder);
  run('mount', '-o', 'loop', image, folder);
  let isFrozen = false;
  const thaw = (): void => {
    if (isFrozen) run('fsfreeze', '--unfreeze', folder);
    isFrozen = false;
  };
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  };
  return {
    folder,
    freeBytes,
    fill(leaveBytes) {
      // Somebody may write meanwhile, and what was free a moment ago is not any more.
      for (let lessBytes = 0; freeBytes() > leaveBytes + lessBytes; lessBytes += 262_144) {
        try {
          run('fallocate', '-l', String(freeBytes() - leaveBytes - lessBytes), ballast);
          return;
        } catch (error) {
          if (lessBytes > 2_097_152) throw error;
          rmSync(ballast, { force: true });
        }
      }
    },
    empty: () => rmSync(ballast, { force: true }),
    setReadOnly: (isReadOnly) => run('mount', '-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, folder),
    freeze() {
      run('fsfreeze', '--freeze', folder);
      isFrozen = true;
    },
    thaw,
    close() {
      thaw();
      run('umount', '--lazy', folder);
      rmSync(place, { recursive: true, force: true });
    },
  };
}
