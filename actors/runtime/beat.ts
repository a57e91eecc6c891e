/** The thread's side of its block of shared memory (its words: src/core/supervise/beat-block.ts). */
import { readlinkSync } from 'node:fs';
import { beatMs, beatWords } from '../../src/core/supervise/beat-block.js';
import { nativeThreads } from '../../src/threads/native/native-threads.js';
import type { NativeGuard } from '../media/native.js';
import { createMemoryWatch, type Holdings } from './memory-watch.js';
import { noteUdpSockets } from './udp-sockets.js';

/** Of a thread that ended itself, condemned or over its budget: as that of one that is terminated. */
const ownEndExitCode = 1;
/**
 * So long a thread goes on turning its loop when all its work is over. V8's compiler, in threads of its own, may be at work for it and
 * wait for it to collect its heap; Node then waits for the compiler, and so does the end of every later thread, without an end
 * (nodejs/node#54918; docs/reliability.md 2.1). In a loop that turns it collects.
 */
const settleMs = 250;
/** Of the worst lateness of its beats so much is left at the next one: it can be read for some seconds. */
const lagKept = 0.9;

export interface Beat {
  readonly guard: NativeGuard;
  /** Runs a load of code, for which the loop may stand still longer than for anything else. */
  loading<T>(load: () => Promise<T>): Promise<T>;
  /** Lines of log that the main thread has taken so far, modulo 2^32. */
  linesTaken(): number;
  /** How late its event loop was in the last seconds. */
  lagMs(): number;
  /** Calls it at each beat from now on, `beatMs` after the last; gives what ends that. */
  onBeat(run: () => void): () => void;
  /** What the thread holds, and can give up when its memory is short. */
  holds(holdings: Holdings): void;
  /** The thread is on its way out: it beats no more, and is gone in a moment. */
  stop(): void;
}

/** Beats from now on for as long as the event loop lives; the timer does not keep the thread alive. */
export function createBeat(block: SharedArrayBuffer): Beat {
  const words = new Int32Array(block);
  const beat = (): void => {
    Atomics.add(words, beatWords.beat, 1);
  };
  const memory = createMemoryWatch(words);
  const noteLag = createLagNote(words);
  const runs = new Set<() => void>();
  const beatOrEnd = (): void => {
    const nowMs = performance.now();
    noteLag(nowMs);
    const isOverBudget = memory.look(nowMs);
    beat();
    for (const run of runs) run();
    // Given up on, and back in its loop after all: somebody else does its work by now.
    const isCondemned = Atomics.load(words, beatWords.condemned) === 1;
    if (!(isCondemned || isOverBudget) || Atomics.load(words, beatWords.inNative) === 1) return;
    if (isOverBudget) Atomics.store(words, beatWords.overBudget, 1);
    process.exit(ownEndExitCode);
  };
  Atomics.store(words, beatWords.tid, ownTid());
  Atomics.store(words, beatWords.loop, (nativeThreads()?.loopDescriptor() ?? -1) + 1);
  noteUdpSockets(words);
  beat();
  const timer = setInterval(beatOrEnd, beatMs).unref();
  return {
    guard: createNativeGuard(words, beat),
    async loading(load) {
      Atomics.add(words, beatWords.loading, 1);
      try {
        return await load();
      } finally {
        beat();
        Atomics.sub(words, beatWords.loading, 1);
      }
    },
    lagMs: () => Atomics.load(words, beatWords.lagMs),
    onBeat(run) {
      runs.add(run);
      return () => void runs.delete(run);
    },
    holds: memory.holds,
    linesTaken: () => Atomics.load(words, beatWords.linesTaken) >>> 0,
    stop() {
      clearInterval(timer);
      setTimeout(() => {}, settleMs);
      Atomics.store(words, beatWords.leaving, 1);
      // Its number may be another loop's when this one is gone.
      Atomics.store(words, beatWords.loop, 0);
    },
  };
}

/** How late beats come: the worst of the last seconds, less and less of it. */
function createLagNote(words: Int32Array): (nowMs: number) => void {
  let dueMs = performance.now() + beatMs;
  return (nowMs) => {
    const lagMs = Math.max(0, nowMs - dueMs);
    dueMs = nowMs + beatMs;
    const before = Atomics.load(words, beatWords.lagMs);
    Atomics.store(words, beatWords.lagMs, Math.round(Math.max(lagMs, before * lagKept)));
  };
}

/** The kernel's number of this thread (proc(5), /proc/thread-self); 0 where it does not say. */
export function ownTid(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return 0;
  }
}

/**
 * The word first, then the look at `condemned`; the supervisor does it the other way round. So either it sees this thread
 * inside and waits, or this thread sees that it is condemned and parks, where ending it is safe. One that was condemned
 * while it was inside parks as it comes out. Each batch that is done is a sign of life.
 */
function createNativeGuard(words: Int32Array, worked: () => void): NativeGuard {
  // A load of the binding spans turns of the event loop, in which batches come and go.
  let depth = 0;
  const parkIfCondemned = (): void => {
    if (Atomics.load(words, beatWords.condemned) === 0) return;
    Atomics.store(words, beatWords.inNative, 0);
    for (;;) Atomics.wait(words, beatWords.condemned, 1);
  };
  return {
    enter() {
      depth += 1;
      Atomics.store(words, beatWords.inNative, 1);
      parkIfCondemned();
    },
    leave() {
      depth -= 1;
      worked();
      if (depth > 0) return;
      Atomics.store(words, beatWords.inNative, 0);
      parkIfCondemned();
    },
  };
}
