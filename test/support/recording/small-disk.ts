/** A disk of its own, of some MB, that can be full or stand still: a file system in a file (root, mount(8), fsfreeze(8)). */
import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readThrown } from '../../../src/errors.js';

const run = promisify(execFile);

export interface SmallDisk {
  /** Its root folder. */
  readonly folder: string;
  /** Takes all the room that is left, until `empty`. */
  fill(): Promise<void>;
  empty(): Promise<void>;
  /** Whoever writes waits until `thaw`. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  close(): Promise<void>;
}

const chunkBytes = 65_536;

export async function openSmallDisk(sizeMb: number): Promise<SmallDisk> {
  const place = await mkdtemp(join(tmpdir(), 'sluice-disk-'));
  const [image, folder] = [join(place, 'image'), await mkdtemp(join(tmpdir(), 'sluice-mount-'))];
  const file = await open(image, 'w');
  await file.truncate(sizeMb * 1_048_576);
  await file.close();
  await run('mkfs.ext4', ['-q', '-F', image]);
  await run('mount', ['-o', 'loop', image, folder]);
  const ballast = join(folder, 'ballast');
  return {
    folder,
    async fill() {
      const taken = await open(ballast, 'a');
      try {
        for (;;) await taken.write(Buffer.alloc(chunkBytes));
      } catch (error) {
        if (readThrown(error).code !== 'ENOSPC') throw error;
      } finally {
        await taken.close();
      }
    },
    empty: () => rm(ballast, { force: true }),
    freeze: async () => void (await run('fsfreeze', ['-f', folder])),
    thaw: async () => void (await run('fsfreeze', ['-u', folder])),
    async close() {
      await run('umount', [folder]);
      await rm(folder, { recursive: true });
      await rm(place, { recursive: true });
    },
  };
}
