/** Shutdown: in order after the first signal, at once after a second one, and in any case before a deadline. */
import { stackOf } from '../errors.js';
import type { Logger } from '../log-line.js';

/** Leaves 2 of the 10 s after which service managers kill. */
const deadlineMs = 8000;
const flushMs = 1000;
/** For what process.exit does; the end of a drain stays within the 10 s. */
const exitMs = 500;
/** The same signal so soon again came by another way: Ctrl-C reaches every process of the terminal, and npm passes its own on. */
const sameSignalMs = 1000;

interface DrainOptions {
  /** Run one after the other; one that fails is logged, and the next one runs. */
  readonly steps: readonly (() => void | Promise<void>)[];
  readonly log: Logger;
  /** Resolves when what was logged so far is written; never while stdout is stalled. */
  readonly flush: () => Promise<void>;
  readonly exit: (code: number) => void;
  /** SIGKILL to this process: with a stuck thread or a stalled stdout even process.exit may hang. */
  readonly kill: () => void;
  /** The process is killed after this time, even when the main thread runs no timer any more. */
  readonly arm: (afterMs: number) => void;
}

export interface Drain {
  onSignal(signal: string): void;
  /** After an uncaught exception the state of the process cannot be trusted: it ends at once, with 1. */
  onUncaught(error: unknown): void;
}

export function createDrain({ steps, log, flush, exit, kill, arm }: DrainOptions): Drain {
  let isDraining = false;
  /** The signal that began it, for as long as it may arrive again. */
  let lastSignal: string | null = null;

  let deadline: NodeJS.Timeout | undefined;

  /** Tries to write the log, then kills. */
  const giveUp = (): void => {
    setTimeout(kill, flushMs);
    void flush().then(kill);
  };

  const end = async (code: number): Promise<void> => {
    const late = setTimeout(kill, flushMs);
    await flush();
    clearTimeout(late);
    clearTimeout(deadline);
    exit(code);
  };

  const drain = async (): Promise<void> => {
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        log('error', 'process.stepFailed', { error: stackOf(error) });
      }
    }
    log('info', 'process.ended');
    await end(0);
  };

  return {
    onSignal(signal) {
      if (signal === lastSignal) return;
      log('info', 'process.ending', { signal });
      if (isDraining) {
        giveUp();
        return;
      }
      isDraining = true;
      arm(deadlineMs + flushMs + exitMs);
      lastSignal = signal;
      setTimeout(() => {
        lastSignal = null;
      }, sameSignalMs).unref();
      deadline = setTimeout(() => {
        log('fatal', 'process.drainTimeout', { deadlineMs });
        giveUp();
      }, deadlineMs);
      void drain();
    },
    onUncaught(error) {
      arm(2 * flushMs + exitMs);
      log('fatal', 'process.uncaught', { error: stackOf(error) });
      void end(1);
    },
  };
}
