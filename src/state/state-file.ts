/** A file that is whole at any moment, also when the process or the machine ends in the middle of writing it. */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** It may hold credentials. */
const fileMode = 0o600;
const folderMode = 0o700;

/** Null where there is none. Error: that of the system. */
export async function readState(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Written beside it, flushed to the disk, and renamed. Error: that of the system; the old file is then as it was. */
export async function writeState(file: string, text: string): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true, mode: folderMode });
  const part = `${file}.${process.pid}.part`;
  try {
    await flushed(part, text);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw error;
  }
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function flushed(file: string, text: string): Promise<void> {
  // A file of that name is what is left of a process that had this one's number.
  await rm(file, { force: true });
  const handle = await open(file, 'wx', fileMode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Gives its new name. Error: that of the system. */
export async function setAside(file: string, why: 'corrupt' | 'crashed', nowMs: number): Promise<string> {
  const aside = `${file}.${why}-${new Date(nowMs).toISOString().replaceAll(':', '-')}`;
  await rename(file, aside);
  return aside;
}
