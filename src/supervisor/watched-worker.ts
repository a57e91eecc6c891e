/** A worker thread with its block of shared memory: what the guardian watches, and ends when it must. */
import { randomUUID } from 'node:crypto';
import { type Transferable, Worker } from 'node:worker_threads';
import { beatBlockBytes, beatWords } from '../core/supervise/beat-block.js';
import type { EndCause } from '../core/supervise/watchdog.js';
import type { GuardedThread } from './guardian.js';

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
  readonly ended: Promise<WorkerEnd>;
  /** It was asked to stop, and has not in time. */
  overdue(): void;
}

export interface WatchedWorkerOptions<Boot extends { readonly beat: SharedArrayBuffer }> {
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
  let isOverdue = false;
  let error = '';
  // Without this listener an exception of the thread would be one of the process.
  worker.on('error', (thrown: unknown) => {
    error = thrown instanceof Error ? thrown.message : String(thrown);
  });
  const ended = new Promise<WorkerEnd>((resolve) => {
    worker.once('exit', (exitCode) => resolve({ exitCode, error, condemnedBy }));
  });

  return {
    ...{ id, worker, words, ended },
    overdue() {
      isOverdue = true;
    },
    sign: () => ({
      id,
      beat: Atomics.load(words, beatWords.beat),
      inNative: Atomics.load(words, beatWords.inNative) === 1,
      overdue: isOverdue,
    }),
    condemn(cause) {
      condemnedBy = cause;
      Atomics.store(words, beatWords.condemned, 1);
    },
    terminate() {
      void worker.terminate();
    },
  };
}
