/** The demo's worker thread from its birth to its end. It is ended from outside as the watchdog decides, like any other. */
import { Worker } from 'node:worker_threads';
import type { DemoBoot, DemoEvent, DemoOrder } from '../../actors/demo/contract.js';
import { beatBlockBytes, beatMs, beatWords } from '../core/supervise/beat-block.js';
import { nothingWatched, type WatchLimits, watch } from '../core/supervise/watchdog.js';

export interface DemoThread {
  /** Asks it to end; after `stopTimeoutMs` it is ended. */
  stop(): void;
  /** Resolves when the thread is gone, with what its uncaught exception said; empty without one. */
  readonly ended: Promise<{ readonly exitCode: number; readonly error: string }>;
}

export interface DemoThreadOptions {
  /** The bundle of actors/demo/boot.ts. */
  readonly entry: URL;
  readonly boot: Omit<DemoBoot, 'beat'>;
  readonly hangMs: number;
  readonly stopTimeoutMs: number;
  readonly maxHeapMb: number;
  readonly nowMs: () => number;
  readonly onEvent: (event: DemoEvent) => void;
}

export type StartDemoThread = (options: DemoThreadOptions) => DemoThread;

export const startDemoThread: StartDemoThread = ({ entry, boot, nowMs, onEvent, ...options }) => {
  const beat = new SharedArrayBuffer(beatBlockBytes);
  const words = new Int32Array(beat);
  const worker = new Worker(entry, {
    workerData: { ...boot, beat } satisfies DemoBoot,
    resourceLimits: { maxOldGenerationSizeMb: options.maxHeapMb },
    name: 'demo',
  });
  let error = '';
  let isOverdue = false;
  worker.on('message', onEvent);
  worker.on('error', (thrown: unknown) => {
    error = thrown instanceof Error ? thrown.message : String(thrown);
  });

  const limits: WatchLimits = {
    ...{ tickMs: beatMs, hangMs: options.hangMs, startMs: 30_000, nativeGraceMs: 10_000, terminateGraceMs: 5000 },
  };
  let state = nothingWatched;
  const look = (): void => {
    const sign = {
      id: 'demo',
      beat: Atomics.load(words, beatWords.beat),
      inNative: Atomics.load(words, beatWords.inNative) === 1,
      overdue: isOverdue,
    };
    const step = watch(state, [sign], nowMs(), limits);
    state = step.state;
    for (const { kind } of step.decisions) {
      if (kind === 'condemn') Atomics.store(words, beatWords.condemned, 1);
      // What escalates stays behind: for the demo the process, and its viewers, are not given up.
      if (kind === 'terminate') void worker.terminate();
    }
  };
  const watching = setInterval(look, beatMs);
  let overdue: NodeJS.Timeout | undefined;

  return {
    stop() {
      worker.postMessage('stop' satisfies DemoOrder);
      overdue ??= setTimeout(() => {
        isOverdue = true;
      }, options.stopTimeoutMs);
    },
    ended: new Promise((resolve) => {
      worker.once('exit', (exitCode) => {
        clearInterval(watching);
        clearTimeout(overdue);
        resolve({ exitCode, error });
      });
    }),
  };
};
