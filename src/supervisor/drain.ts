/** How the process ends: in order and with 0 when it is told to, at once when it is told again, never not at all. */
import { stackOf } from '../errors.js';
import type { Logger } from '../log-line.js';

/** Of the 10 s that the whole may take. */
const deadlineMs = 8000;
const flushMs = 1000;
/**
 * The same signal so soon again is the same lastSignal, come by another way: Ctrl-C reaches every process of the terminal, and npm
 * passes its own on to us.
 */
const oneWishMs = 1000;

interface DrainOptions {
  /** Each is awaited before the next; one that fails is logged. */
  readonly steps: readonly (() => void | Promise<void>)[];
  readonly log: Logger;
  /** Resolves when what was logged so far is written; never while stdout is stalled. */
  readonly flush: () => Promise<void>;
  readonly exit: (code: number) => void;
  /** SIGKILL to the own process: a stuck thread or a stalled stdout can keep even process.exit from ending it. */
  readonly kill: () => void;
}

interface Drain {
  onSignal(signal: string): void;
  /** For what nobody caught: what the process knows is not to be trusted any more, so it ends at once. */
  onUncaught(error: unknown): void;
}

export function createDrain({ steps, log, flush, exit, kill }: DrainOptions): Drain {
  let isAsked = false;
  /** What asked, for as long as it may come by another way too. */
  let lastSignal: string | null = null;

  let deadline: NodeJS.Timeout | undefined;

  /** A last try to get the log out, then the one way that always works. */
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
      if (isAsked) {
        giveUp();
        return;
      }
      isAsked = true;
      lastSignal = signal;
      setTimeout(() => {
        lastSignal = null;
      }, oneWishMs).unref();
      deadline = setTimeout(() => {
        log('fatal', 'process.endLate', { deadlineMs });
        giveUp();
      }, deadlineMs);
      void drain();
    },
    onUncaught(error) {
      log('fatal', 'process.uncaught', { error: stackOf(error) });
      void end(1);
    },
  };
}
