/** Looks at every thread each tick and carries out what the watchdog decides. */
import { beatMs } from '../core/supervise/beat-block.js';
import type { EndCause, ThreadSign } from '../core/supervise/watchdog.js';
import { nothingWatched, type WatchLimits, watch } from '../core/supervise/watchdog.js';
import type { Log } from '../log.js';

/** Some twenty times what a bundled actor takes to load: forty may be starting on two cores. */
const startMs = 30_000;
/** A frame costs node-av a millisecond: who is inside for so long never comes out. */
const nativeGraceMs = 10_000;
const terminateGraceMs = 5000;

export interface GuardianOptions {
  readonly hangMs: number;
  readonly nowMs: () => number;
  readonly log: Pick<Log, 'log'>;
  /** A thread can be ended by no means: only a new process helps. */
  readonly onEscalation: () => void;
}

export interface GuardedThread {
  readonly id: string;
  /** Resolves when the thread is gone. */
  readonly ended: Promise<unknown>;
  sign(): ThreadSign;
  condemn(cause: EndCause): void;
  terminate(): void;
}

export interface Guardian {
  /** Watches the thread until it is gone. `name` is for the log. */
  add(thread: GuardedThread, name: string): void;
  readonly threads: number;
  close(): void;
}

export function createGuardian({ hangMs, nowMs, log, onEscalation }: GuardianOptions): Guardian {
  const limits: WatchLimits = { tickMs: beatMs, hangMs, startMs, nativeGraceMs, terminateGraceMs };
  const threads = new Map<string, { readonly thread: GuardedThread; readonly name: string }>();
  let state = nothingWatched;

  const tick = (): void => {
    const step = watch(
      state,
      [...threads.values()].map(({ thread }) => thread.sign()),
      nowMs(),
      limits,
    );
    state = step.state;
    for (const decision of step.decisions) {
      const watched = threads.get(decision.id);
      if (watched === undefined) continue;
      const { thread, name } = watched;
      switch (decision.kind) {
        case 'condemn':
          log.log('error', 'actor.condemned', { name, cause: decision.cause });
          thread.condemn(decision.cause);
          break;
        case 'terminate':
          thread.terminate();
          break;
        case 'escalate':
          log.log('fatal', 'actor.cannotBeEnded', { name, why: decision.why });
          onEscalation();
          break;
      }
    }
  };
  const timer = setInterval(tick, beatMs);

  return {
    add(thread, name) {
      threads.set(thread.id, { thread, name });
      void thread.ended.then(() => threads.delete(thread.id));
    },
    get threads() {
      return threads.size;
    },
    close: () => clearInterval(timer),
  };
}
