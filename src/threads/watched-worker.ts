/** A worker thread with its block of shared memory: what the guardian watches, and ends when it must. */
import { randomUUID } from 'node:crypto';
import { setPriority } from 'node:os';
import { type Transferable, Worker } from 'node:worker_threads';
import { beatBlockBytes, beatWords } from '../core/supervise/beat-block.js';
import type { EndCause } from '../core/supervise/watchdog.js';
import { readThrown } from '../errors.js';
import { cutOff, type Reach } from './cut-off.js';
import type { GuardedThread } from './guardian.js';
import { readThreadTime } from './thread-time.js';

export interface WorkerEnd {
  readonly exitCode: number;
  /** What the uncaught exception said; empty without one. */
  readonly error: string;
  /** Why it was condemned; null when it ended by itself. */
  readonly condemnedBy: EndCause | null;
}

export interface WatchedWorker extends GuardedThread {
  readonly worker: Worker;
  /** Words of its block: src/core/supervise/beat-block.ts. */
  readonly words: Int32Array;
  /** Resolves when the thread is gone, or abandoned. */
  readonly ended: Promise<WorkerEnd>;
  /** It is asked to stop now: from now on its time for that runs. */
  stopping(): void;
}

/** What a thread's exit code is that is abandoned: it has none. */
const noExitCode = -1;
/** The lowest there is: one that runs for ever gets what nobody else wants. */
const lowestPriority = 19;

interface WatchedWorkerOptions<Boot extends { readonly beat: SharedArrayBuffer }> {
  readonly entry: URL;
  readonly name: string;
  /** `workerData`, without the block. */
  readonly boot: Omit<Boot, 'beat'>;
  readonly transfer?: readonly Transferable[];
  readonly maxHeapMb?: number;
}

export function startWatchedWorker<Boot extends { readonly beat: SharedArrayBuffer }>(
  options: WatchedWorkerOptions<Boot>,
): WatchedWorker {
  const beat = new SharedArrayBuffer(beatBlockBytes);
  const words = new Int32Array(beat);
  const { entry, name, boot, transfer = [], maxHeapMb } = options;
  const worker = new Worker(entry, {
    workerData: { ...boot, beat },
    transferList: [...transfer],
    name,
    ...(maxHeapMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } }),
  });
  const id = randomUUID();
  let condemnedBy: EndCause | null = null;
  let isStopping = false;
  let error = '';
  let resolveAbandoned = (): void => {};
  // Without this listener an exception of the thread would be one of the process.
  worker.on('error', (thrown: unknown) => {
    error = readThrown(thrown).message;
  });
  const gone = new Promise<WorkerEnd>((resolve) => {
    worker.once('exit', (exitCode) => resolve({ exitCode, error, condemnedBy }));
  });
  const abandoned = new Promise<WorkerEnd>((resolve) => {
    resolveAbandoned = () => resolve({ exitCode: noExitCode, error: 'the thread cannot be ended', condemnedBy });
  });

  const reach = (): Reach => ({
    loop: Atomics.load(words, beatWords.loop) - 1,
    mediaPort: Atomics.load(words, beatWords.mediaPort),
  });
  let isCut = false;
  /** False when the thread must not be terminated. What was cut is not cut again: the numbers may be others' by then. */
  const cut = (): boolean => {
    isCut ||= cutOff(reach());
    return isCut;
  };

  return {
    id,
    worker,
    words,
    gone,
    ended: Promise.race([gone, abandoned]),
    stopping() {
      isStopping = true;
    },
    sample(wantsTime) {
      const beat = Atomics.load(words, beatWords.beat);
      const tid = Atomics.load(words, beatWords.tid);
      return {
        id,
        beat,
        isStopping,
        inNative: Atomics.load(words, beatWords.inNative) === 1,
        isLoading: Atomics.load(words, beatWords.loading) > 0,
        time: tid > 0 && wantsTime(beat, isStopping) ? readThreadTime(tid) : null,
      };
    },
    condemn(cause) {
      condemnedBy = cause;
      Atomics.store(words, beatWords.condemned, 1);
    },
    terminate() {
      if (!cut()) return false;
      void worker.terminate();
      return true;
    },
    abandon() {
      cut();
      lowerPriority(Atomics.load(words, beatWords.tid));
      resolveAbandoned();
    },
  };
}

function lowerPriority(tid: number): void {
  // Not known; to the kernel 0 is whoever asks, which is the main thread.
  if (tid === 0) return;
  try {
    setPriority(tid, lowestPriority);
  } catch {
    // It has just ended, or this is not allowed here.
  }
}
