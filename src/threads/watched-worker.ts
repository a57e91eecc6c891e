/** A worker thread with its heartbeat block in shared memory, as the guardian watches and terminates it. */
import { randomUUID } from 'node:crypto';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Transferable, Worker } from 'node:worker_threads';
import { beatBlockBytes, beatWords, udpPortsOf } from '../core/supervise/beat-block.js';
import type { Vitals } from '../core/supervise/child.js';
import type { EndCause, EndedBy } from '../core/supervise/watchdog.js';
import { readThrown } from '../errors.js';
import { cutOff } from './cut-off.js';
import { heapLimitMb } from './engine.js';
import type { GuardedThread } from './guardian.js';
import { trimMemoryWhenQuiet } from './memory-trim.js';
import { nativeThreads } from './native/native-threads.js';
import { readCpuMs, readThreadTime } from './thread-time.js';

export interface WorkerEnd {
  readonly exitCode: number;
  /** Message of the uncaught exception; empty without one. */
  readonly error: string;
  /** Why the watchdog condemned it, or it ended itself over its budget (memory); null for any other end of its own. */
  readonly condemnedBy: EndCause | null;
}

/** A thread that could not begin, for want of a descriptor for example, has an error and the exit code 0. */
export const causeOf = ({ exitCode, error, condemnedBy }: WorkerEnd): EndedBy =>
  condemnedBy ?? (exitCode === 0 && error === '' ? 'stopped' : 'crashed');

export interface WatchedWorker extends GuardedThread {
  readonly worker: Worker;
  /** Its heartbeat block (core/supervise/beat-block.ts). */
  readonly words: Int32Array;
  /** Asks the kernel. */
  readonly vitals: Vitals;
  /** Resolves when the thread is gone, or abandoned. */
  readonly ended: Promise<WorkerEnd>;
  /** Resolves when it is abandoned; its ports stay open until it is gone, which may be never. */
  readonly abandoned: Promise<void>;
  /** It was asked to stop: its time for that runs from now on. */
  stopping(): void;
}

/** An abandoned thread has no exit code. */
const noExitCode = -1;
/** Niceness of an abandoned thread, which may run for ever: the lowest priority there is. */
const lowestPriority = 19;

interface WatchedWorkerOptions<Boot extends { readonly beat: SharedArrayBuffer }> {
  /** A script (.cjs) in the folder of the bundle, or a module that begins by itself. */
  readonly entry: URL;
  readonly name: string;
  /** `workerData` without the heartbeat block. */
  readonly boot: Omit<Boot, 'beat'>;
  readonly transfer?: readonly Transferable[];
  /** What the thread may hold; 0: no limit. */
  readonly memoryMb: number;
}

export function startWatchedWorker<Boot extends { readonly beat: SharedArrayBuffer }>(
  options: WatchedWorkerOptions<Boot>,
): WatchedWorker {
  const beat = new SharedArrayBuffer(beatBlockBytes);
  const words = new Int32Array(beat);
  const { entry, name, boot, transfer = [], memoryMb } = options;
  Atomics.store(words, beatWords.budgetKb, memoryMb * 1024);
  const worker = new Worker(entry.pathname.endsWith('.cjs') ? new URL('thread.cjs', entry) : entry, {
    workerData: { ...boot, beat, entry: fileURLToPath(entry) },
    transferList: [...transfer],
    name,
    resourceLimits: { maxOldGenerationSizeMb: heapLimitMb },
  });
  const id = randomUUID();
  let condemnedBy: EndCause | null = null;
  let isStopping = false;
  let error = '';
  let resolveAbandoned = (): void => {};
  // Without this listener an uncaught exception of the thread would end the process.
  worker.on('error', (thrown: unknown) => {
    const { code, message } = readThrown(thrown);
    error = message;
    if (code === 'ERR_WORKER_OUT_OF_MEMORY') condemnedBy ??= 'memory';
  });
  const settle = (exitCode: number): WorkerEnd => {
    // What made it end may be all the memory that there is.
    if (exitCode !== 0) nativeThreads()?.trimMemory();
    else trimMemoryWhenQuiet();
    if (Atomics.load(words, beatWords.overBudget) === 1) condemnedBy ??= 'memory';
    if (condemnedBy === 'memory' && error === '')
      error = `it held ${heldMb(words)} of ${memoryMb} MiB${whenHeld(words)}`;
    return { exitCode, error, condemnedBy };
  };
  const gone = new Promise<WorkerEnd>((resolve) => {
    worker.once('exit', (exitCode) => resolve(settle(exitCode)));
  });
  const abandoned = new Promise<void>((resolve) => {
    resolveAbandoned = resolve;
  });
  const noEnd = (): WorkerEnd => ({ exitCode: noExitCode, error: 'the thread cannot be ended', condemnedBy });

  const held = (): WatchedWorker['held'] => ({
    usedBytes: Atomics.load(words, beatWords.usedKb) * 1024,
    budgetBytes: memoryMb * 1_048_576,
  });

  const loop = (): number => Atomics.load(words, beatWords.loop) - 1;
  let isCut = false;
  /** False when the thread must not be terminated. Done once: the descriptors may belong to others afterwards. */
  const cut = (): boolean => {
    isCut ||= cutOff({ loop: loop(), udpPorts: () => udpPortsOf(words) });
    return isCut;
  };

  return {
    id,
    worker,
    words,
    gone,
    ended: Promise.race([gone, abandoned.then(noEnd)]),
    abandoned,
    stopping() {
      isStopping = true;
    },
    sample(wantsTime) {
      const beat = Atomics.load(words, beatWords.beat);
      const tid = Atomics.load(words, beatWords.tid);
      const isLeaving = Atomics.load(words, beatWords.leaving) === 1;
      const isEnding = isStopping || isLeaving;
      return {
        id,
        beat,
        isStopping: isEnding,
        isLeaving,
        inNative: Atomics.load(words, beatWords.inNative) === 1,
        isLoading: Atomics.load(words, beatWords.loading) > 0,
        time: tid > 0 && wantsTime(beat, isEnding) ? readThreadTime(tid, loop()) : null,
      };
    },
    get held() {
      return held();
    },
    get vitals() {
      return {
        ...held(),
        lagMs: Atomics.load(words, beatWords.lagMs),
        cpuMs: readCpuMs(Atomics.load(words, beatWords.tid)),
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

/** One that was ended from outside grew on since. */
const whenHeld = (words: Int32Array): string =>
  Atomics.load(words, beatWords.overBudget) === 1 ? '' : ' when it counted last';

const heldMb = (words: Int32Array): number => Math.ceil(Atomics.load(words, beatWords.usedKb) / 1024);

function lowerPriority(tid: number): void {
  // Not known: for the kernel, 0 is the calling thread, which is the main thread.
  if (tid === 0) return;
  try {
    setPriority(tid, lowestPriority);
  } catch {
    // The thread has just ended, or the system forbids it.
  }
}
