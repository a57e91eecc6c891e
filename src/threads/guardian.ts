/** Samples every thread at each tick, and carries out the decisions of the watchdog (core/supervise/watchdog.ts). */
import type { ChildState, Vitals } from '../core/supervise/child.js';
import { chooseToEnd, type EndedForMemory, findRunaway, type HeldByThread } from '../core/supervise/memory-ceiling.js';
import type { EndCause, ThreadSample, ThreadTime } from '../core/supervise/watchdog.js';
import { nothingWatched, type WatchLimits, wantsTime, watch } from '../core/supervise/watchdog.js';
import type { Logger } from '../log-line.js';
import type { ProcessMemory } from './process-memory.js';
import { readThreadTime } from './thread-time.js';

const tickMs = 100;
/** About twenty times what the bundle of an actor takes to load: forty may be starting on two cores. */
const startMs = 30_000;
/** CPU time of the thread: a load of code costs some 0.1 s, and may wait for another thread's lock. */
const loadMs = 5000;
/**
 * A batch of calls of node-av takes about 1 ms, one picture of an encoder that is merely slow some 100: a thread that is still inside
 * one so long after `hangMs` is abandoned. All are of its own time: a machine that has no core for it makes none of them shorter. One
 * that comes out later is ended then, as it would have been before.
 */
const nativeGraceMs = 500;
/** V8 terminates JavaScript within milliseconds. */
const terminateGraceMs = 1000;
/** Each keeps its memory, and perhaps a busy core at the lowest priority: with more of them a new process is better. */
const maxAbandoned = 16;

interface GuardianOptions {
  readonly hangMs: number;
  /** How long a thread that was asked to stop may take. */
  readonly stopMs: number;
  readonly nowMs: () => number;
  readonly log: Logger;
  /** Too many threads cannot be ended: only a new process helps. */
  readonly onEscalation: () => void;
  /** At its ceiling one thread after the other is ended, the largest first; null: none is. */
  readonly memory: ProcessMemory | null;
}

export interface GuardedThread {
  readonly id: string;
  /** As it counted last. */
  readonly held: Pick<Vitals, 'usedBytes' | 'budgetBytes'>;
  /** Resolves when the thread is gone; later than `ended` where it was abandoned. */
  readonly gone: Promise<unknown>;
  /** Reads the thread's shared words, and its times from the kernel if `wantsTime`. */
  sample(wantsTime: (beat: number, isStopping: boolean) => boolean): ThreadSample;
  condemn(cause: EndCause): void;
  /** False when its sockets cannot be taken away: it runs on, and ends itself once it is back in its loop. */
  terminate(): boolean;
  /** It cannot be terminated now: its sockets are taken away, and it counts as ended. */
  abandon(): void;
}

interface Guarded {
  readonly thread: GuardedThread;
  readonly name: string;
  /** What the whole process held at the tick at which the thread was last heard of; 0: not asked yet. */
  residentAtBeat: number;
}

export interface Guardian {
  /** Watches the thread until it is gone. `name`: for the log. */
  add(thread: GuardedThread, name: string): void;
  /** `ended` for one that is gone, or was never added. */
  stateOf(id: string): ChildState;
  /** The number of threads that are not gone. */
  readonly threads: number;
  /** Those of them that cannot be ended: process.exit would wait for them for ever. */
  readonly abandoned: number;
  close(): void;
}

export function createGuardian(options: GuardianOptions): Guardian {
  const { hangMs, stopMs, nowMs, log, onEscalation, memory } = options;
  const graces = { nativeGraceMs, terminateGraceMs, maxAbandoned };
  const limits: WatchLimits = { tickMs, hangMs, startMs, loadMs, stopMs, ...graces };
  const threads = new Map<string, Guarded>();
  let state = nothingWatched;
  let ended: EndedForMemory | null = null;

  const countHeld = (residentBytes: number): readonly HeldByThread[] => {
    const living = [...threads].filter(([id]) => (state.threads.get(id)?.phase ?? 'living') === 'living');
    return living.map(([id, guarded]) => {
      const silentMs = state.threads.get(id)?.silentMs ?? 0;
      if (silentMs === 0 || guarded.residentAtBeat === 0) guarded.residentAtBeat = residentBytes;
      const grownBytes = residentBytes - guarded.residentAtBeat;
      const { usedBytes, budgetBytes } = guarded.thread.held;
      return { id, usedBytes, budgetBytes, silentMs, grownBytes };
    });
  };

  /** The thread that must go for the memory that it takes, or because the process has come near what there is; null: none. */
  const findTooLarge = (): string | null => {
    if (memory === null) return null;
    const { ceilingBytes } = memory;
    const residentBytes = memory.residentBytes();
    if (residentBytes < ceilingBytes) ended = null;
    const held = countHeld(residentBytes);
    const runaway = findRunaway(held);
    if (runaway !== null) return runaway;
    const id = chooseToEnd(residentBytes, ceilingBytes, held, ended, nowMs());
    if (id === null) return null;
    ended = { atMs: nowMs(), residentBytes };
    log('error', 'process.memoryHigh', { residentBytes, ceilingBytes, ends: threads.get(id)?.name });
    return id;
  };

  /** Asked for while a thread is looked at closely. */
  const mainTimeIf = (samples: readonly ThreadSample[]): ThreadTime | null =>
    samples.some(({ time }) => time !== null) ? readThreadTime(process.pid) : null;

  const tick = (): void => {
    const samples = [...threads.values()].map(({ thread }) =>
      thread.sample((beat, isStopping) => wantsTime(state, thread.id, beat, isStopping)),
    );
    const step = watch(state, samples, nowMs(), limits, { tooLarge: findTooLarge(), mainTime: mainTimeIf(samples) });
    state = step.state;
    for (const decision of step.decisions) {
      const watched = threads.get(decision.id);
      if (watched === undefined) continue;
      const { thread, name } = watched;
      switch (decision.kind) {
        case 'condemn':
          log('error', 'actor.condemned', { name, cause: decision.cause, silentMs: decision.silentMs });
          thread.condemn(decision.cause);
          break;
        case 'terminate':
          if (!thread.terminate()) log('warn', 'actor.notCutOff', { name });
          break;
        case 'abandon':
          log('error', 'actor.abandoned', { name, why: decision.why });
          thread.abandon();
          break;
        case 'escalate':
          log('fatal', 'actor.cannotBeEnded', { name, why: decision.why });
          onEscalation();
          break;
      }
    }
  };
  const timer = setInterval(tick, tickMs);

  return {
    add(thread, name) {
      threads.set(thread.id, { thread, name, residentAtBeat: 0 });
      void thread.gone.then(() => {
        threads.delete(thread.id);
        if (state.threads.get(thread.id)?.isAbandoned === true) log('info', 'actor.gone', { name });
      });
    },
    stateOf(id) {
      const watched = state.threads.get(id);
      if (!threads.has(id)) return 'ended';
      if (watched === undefined || watched.beat === 0) return 'starting';
      if (watched.isAbandoned) return 'abandoned';
      return watched.phase === 'living' && watched.stoppingMs === 0 ? 'running' : 'ending';
    },
    get threads() {
      return threads.size;
    },
    get abandoned() {
      return [...threads.keys()].filter((id) => state.threads.get(id)?.isAbandoned === true).length;
    },
    close: () => clearInterval(timer),
  };
}
