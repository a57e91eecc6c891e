/**
 * Keeps the wanted streams on disk, so that they are started again after a crash, or a reboot. A disk that is slow or full delays
 * or hinders that alone: who may not write goes on without.
 */
import { readThrown } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { WantedPull } from '../supervisor/pull-info.js';
import { lockFile } from './file-lock.js';
import { formatKept, formatPulls, type KeptPull, parsePulls } from './kept-pulls.js';
import { readState, setAside, writeState } from './state-file.js';

/** Many changes at once are one. */
const pullsDelayMs = 50;
/** How many viewers a stream has only decides about the order of a later start. */
const viewersDelayMs = 5000;
const retryMs = 10_000;
const lockRetryMs = 1000;
/** For the last write: the process must end all the same. */
const lastWriteMs = 1000;
/** A process that lives so long was not ended by the streams that it has started. */
const provenAfterMs = 10_000;
/** One of the streams may be what ends it: after so many such starts in a row none is started again by itself. */
const maxCrashedStarts = 4;

interface KeeperOptions {
  /** Empty: nothing is kept. */
  readonly file: string;
  readonly wanted: () => readonly WantedPull[];
  readonly log: Logger;
  readonly lock?: typeof lockFile;
}

export interface Keeper {
  /**
   * What was kept; what `changed` tells is written from now on. Null while another process keeps its streams in this file: then
   * `whenFree` resolves with it later.
   */
  open(): Promise<readonly KeptPull[] | null>;
  whenFree(): Promise<readonly KeptPull[]>;
  /** Streams came, went or have other names, or only their viewers. */
  changed(what: 'pulls' | 'viewers'): void;
  /** Writes what is not written yet; what ends from now on stays wanted. */
  close(): Promise<void>;
}

/** A system that allows no such lock is no reason to keep nothing. */
const goOnWithout =
  (file: string, log: Logger) =>
  (error: unknown): boolean => {
    log('warn', 'pulls.stateNotLocked', { file, error: readThrown(error).message });
    return true;
  };

export function createKeeper({ file, wanted, log, lock = lockFile }: KeeperOptions): Keeper {
  let isKeeping = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | null = null;
  let dueAtMs = Number.POSITIVE_INFINITY;
  let written: string | null = null;
  let hasFailed = false;
  /** The one write at a time. */
  let writing: Promise<void> = Promise.resolve();
  let unlock = (): void => {};
  /** What was wanted when the process began to end. */
  let last: string | null = null;
  /** As the file is to say while this process may yet crash. */
  let crashedStarts = 0;

  const write = async (): Promise<void> => {
    const text = last ?? formatPulls(wanted(), crashedStarts);
    if (text !== written) await save(text);
  };

  const save = async (text: string): Promise<void> => {
    try {
      await writeState(file, text);
      written = text;
      if (hasFailed) log('info', 'pulls.keptAgain', { file });
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) log('error', 'pulls.notKept', { file, error: readThrown(error).message });
      hasFailed = true;
      schedule(retryMs);
    }
  };

  const schedule = (afterMs: number): void => {
    const atMs = performance.now() + afterMs;
    if (!isKeeping || atMs >= dueAtMs) return;
    if (timer !== null) clearTimeout(timer);
    dueAtMs = atMs;
    timer = setTimeout(() => {
      timer = null;
      dueAtMs = Number.POSITIVE_INFINITY;
      writing = writing.then(write);
    }, afterMs).unref();
  };

  /** A corrupt file is set aside; one that cannot be read or moved stays, and is not written over. */
  const readKept = async (): Promise<readonly KeptPull[]> => {
    try {
      const text = await readState(file);
      const kept = text === null ? [] : await usableOrAside(text);
      isKeeping = true;
      if (kept.length > 0) await beginStart(kept);
      return kept;
    } catch (error) {
      log('error', 'pulls.notKept', { file, error: readThrown(error).message });
      return [];
    }
  };

  const usableOrAside = async (text: string): Promise<readonly KeptPull[]> => {
    try {
      const kept = parsePulls(text);
      crashedStarts = kept.crashedStarts;
      if (crashedStarts < maxCrashedStarts) return kept.pulls;
      crashedStarts = 0;
      log('error', 'pulls.crashLoop', { file, movedTo: await setAside(file, 'crashed', Date.now()) });
    } catch (error) {
      const movedTo = await setAside(file, 'corrupt', Date.now());
      log('error', 'pulls.stateCorrupt', { file, movedTo, error: readThrown(error).message });
    }
    return [];
  };

  /** Notes a crash before it can come; it did not come when the process lives on for a while. */
  const beginStart = async (kept: readonly KeptPull[]): Promise<void> => {
    crashedStarts += 1;
    await save(formatKept(kept, crashedStarts));
    setTimeout(() => {
      crashedStarts = 0;
      schedule(0);
    }, provenAfterMs).unref();
  };

  const tryLock = async (): Promise<boolean> => {
    const gotten = await lock(file);
    unlock = gotten ?? unlock;
    return gotten !== null;
  };

  return {
    async open() {
      if (file === '') return [];
      if (await tryLock().catch(goOnWithout(file, log))) return readKept();
      log('warn', 'pulls.stateInUse', { file });
      return null;
    },
    whenFree: () =>
      new Promise((resolve) => {
        const look = async (): Promise<void> => {
          if (isClosed) return;
          if (await tryLock().catch(() => false)) resolve(await readKept());
          else setTimeout(look, lockRetryMs);
        };
        setTimeout(look, lockRetryMs);
      }),
    changed: (what) => schedule(what === 'pulls' ? pullsDelayMs : viewersDelayMs),
    async close() {
      isClosed = true;
      if (!isKeeping) return unlock();
      if (timer !== null) clearTimeout(timer);
      last = formatPulls(wanted());
      writing = writing.then(write);
      isKeeping = false;
      await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, lastWriteMs).unref())]);
      unlock();
    },
  };
}
