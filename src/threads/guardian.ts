/** Looks at every thread each tick and carries out what the watchdog decides. */
import { beatMs } from '../core/supervise/beat-block.js';
import type { EndCause, ThreadSample } from '../core/supervise/watchdog.js';
import { nothingWatched, type WatchLimits, wantsTime, watch } from '../core/supervise/watchdog.js';
import type { Logger } from '../log-line.js';

/** Some twenty times what a bundled actor takes to load: forty may be starting on two cores. */
const startMs = 30_000;
/** Of the thread's own time: loads cost some 0.1 s of it, and wait for each other's locks. */
const loadMs = 5000;
/** A frame costs node-av a millisecond: who is inside for so long, after it was silent for `hangMs`, is not waited for. */
const nativeGraceMs = 2000;
/** V8 ends what runs in it within milliseconds. */
const terminateGraceMs = 2000;
/** Each holds its memory, and a core's idle time if it runs: beyond so many a new process is the lesser evil. */
const maxAbandoned = 16;

interface GuardianOptions {
  readonly hangMs: number;
  /** How long a thread that was asked to stop may take. */
  readonly stopMs: number;
  readonly nowMs: () => number;
  readonly log: Logger;
  /** Too many threads can be ended by no means: only a new process helps. */
  readonly onEscalation: () => void;
}

export interface GuardedThread {
  readonly id: string;
  /** Resolves when the thread is gone; later than `ended` where it was abandoned. */
  readonly gone: Promise<unknown>;
  /** What the thread's block shows; `time` from the kernel where it is wanted. */
  sample(wantsTime: (beat: number, isStopping: boolean) => boolean): ThreadSample;
  condemn(cause: EndCause): void;
  /** False when it could not be cut off from its sockets: it goes on, and ends itself when it comes back to its loop. */
  terminate(): boolean;
  /** It cannot be ended now: it is cut off from all it had, and counts as ended. */
  abandon(): void;
}

export interface Guardian {
  /** Watches the thread until it is gone. `name` is for the log. */
  add(thread: GuardedThread, name: string): void;
  /** Threads that are not gone. */
  readonly threads: number;
  /** Of them those that can be ended by no means: process.exit would wait for them for ever. */
  readonly abandoned: number;
  close(): void;
}

export function createGuardian({ hangMs, stopMs, nowMs, log, onEscalation }: GuardianOptions): Guardian {
  const graces = { nativeGraceMs, terminateGraceMs, maxAbandoned };
  const limits: WatchLimits = { tickMs: beatMs, hangMs, startMs, loadMs, stopMs, ...graces };
  const threads = new Map<string, { readonly thread: GuardedThread; readonly name: string }>();
  let state = nothingWatched;

  const tick = (): void => {
    const samples = [...threads.values()].map(({ thread }) =>
      thread.sample((beat, isStopping) => wantsTime(state, thread.id, beat, isStopping)),
    );
    const step = watch(state, samples, nowMs(), limits);
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
  const timer = setInterval(tick, beatMs);

  return {
    add(thread, name) {
      threads.set(thread.id, { thread, name });
      void thread.gone.then(() => {
        threads.delete(thread.id);
        if (state.threads.get(thread.id)?.isAbandoned === true) log('info', 'actor.gone', { name });
      });
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
