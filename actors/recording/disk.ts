/**
 * The disk as recordings use it: one write at a time, whatever the number of recordings, so that a disk that stands still takes
 * one thread of libuv's pool and no more. What waits is counted and bounded.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, statfs } from 'node:fs/promises';

export interface Disk {
  readonly queuedBytes: number;
  /** No more may be queued now. */
  readonly isFull: boolean;
  /** Runs after all that was asked for before. Its bytes count until then. */
  run<T>(bytes: number, work: () => Promise<T>): Promise<T>;
  /** Bytes that this user may still write below the folder. */
  freeBytes(folder: string): Promise<number>;
}

export function createDisk(maxQueueBytes: number): Disk {
  let queuedBytes = 0;
  let last: Promise<unknown> = Promise.resolve();

  const run = <T>(bytes: number, work: () => Promise<T>): Promise<T> => {
    queuedBytes += bytes;
    const done = last.then(work).finally(() => {
      queuedBytes -= bytes;
    });
    last = done.catch(() => {});
    return done;
  };

  return {
    run,
    get queuedBytes() {
      return queuedBytes;
    },
    get isFull() {
      return queuedBytes >= maxQueueBytes;
    },
    freeBytes: (folder) =>
      run(0, async () => {
        const { bavail, bsize } = await statfs(folder);
        return bavail * bsize;
      }),
  };
}

/** A link that somebody put in the way is not followed. */
export const createFile = (path: string): Promise<FileHandle> =>
  open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o640);
