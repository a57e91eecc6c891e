/**
 * Shutdown. New work is refused first, and then everything is ended in order: at once after the first signal; some time later after an
 * order by REST, which may be cancelled until then. What other nodes are to continue is handed over as soon as new work is refused. A
 * second signal ends the process at once. In any case it ends before a deadline.
 */
import { SluiceError, stackOf } from '../errors.js';
import type { Logger } from '../log-line.js';

/** Leaves 2 of the 10 s after which service managers kill. */
const deadlineMs = 8000;
const flushMs = 1000;
/** How much of the time before the deadline the other nodes have to take over what this one has. */
const handOverMs = 4000;
/** How long process.exit may take; the whole drain stays within the 10 s. */
const exitMs = 500;
/** The same signal within this time is the same event: Ctrl-C reaches every process of the terminal, and npm passes its own on. */
const sameSignalMs = 1000;

interface DrainOptions {
  /** New pulls and viewers are refused from now on, or taken again. */
  readonly refuse: (isRefused: boolean) => void;
  /** Resolves when other nodes play what this one had; may be called again. Absent: there are no others. */
  readonly handOver?: (() => Promise<void>) | undefined;
  /** The drain was cancelled: what others did not take stays here. */
  readonly takeAgain?: (() => void) | undefined;
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
  readonly nowMs: () => number;
}

/** `draining`: new work is refused, and the drain may be taken back. `ending`: it may not. */
export interface DrainStatus {
  readonly state: 'serving' | 'draining' | 'ending';
  /** Until viewers are told and streams end; null while serving. */
  readonly endsInMs: number | null;
}

/** The drain as REST orders it. */
export interface OrderedDrain {
  /** Refuses new work from now on, and ends everything after `afterMs`; a further order sets another time. */
  begin(afterMs: number): DrainStatus;
  /** Takes work again. Error: drain.tooLate. */
  takeBack(): DrainStatus;
  readonly status: DrainStatus;
}

export interface Drain extends OrderedDrain {
  onSignal(signal: string): void;
  /** The parent process is gone: whoever started it believes that the server is gone too. */
  onOrphaned(): void;
  /** After an uncaught exception the state of the process cannot be trusted: it ends at once, with 1. */
  onUncaught(error: unknown): void;
}

export function createDrain(options: DrainOptions): Drain {
  const { refuse, handOver, takeAgain = () => {}, steps, log, flush, exit, kill, arm, nowMs } = options;
  let isEnding = false;
  let ordered: { readonly timer: NodeJS.Timeout; readonly endsAtMs: number } | null = null;
  /** The signal that began it, for as long as it may arrive again. */
  let lastSignal: string | null = null;
  let deadline: NodeJS.Timeout | undefined;

  /** Tries to write the log, then kills. */
  const giveUp = (): void => {
    setTimeout(kill, flushMs);
    void flush().then(kill);
  };

  const exitWith = async (code: number): Promise<void> => {
    const late = setTimeout(kill, flushMs);
    await flush();
    clearTimeout(late);
    clearTimeout(deadline);
    exit(code);
  };

  const cancelOrder = (): void => {
    clearTimeout(ordered?.timer);
    ordered = null;
  };

  /** Resolves at the latest when its time is over. */
  const handedOver = (given: Promise<void>): Promise<void> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        log('warn', 'process.handOverLate', { handOverMs });
        resolve();
      }, handOverMs);
      given.then(resolve, reject).finally(() => clearTimeout(late));
    });
  const allSteps = handOver === undefined ? steps : [() => handedOver(handOver()), ...steps];

  const end = async (): Promise<void> => {
    cancelOrder();
    isEnding = true;
    arm(deadlineMs + flushMs + exitMs);
    deadline = setTimeout(() => {
      log('fatal', 'process.drainTimeout', { deadlineMs });
      giveUp();
    }, deadlineMs);
    refuse(true);
    for (const step of allSteps) {
      try {
        await step();
      } catch (error) {
        log('error', 'process.stepFailed', { error: stackOf(error) });
      }
    }
    log('info', 'process.ended');
    await exitWith(0);
  };

  const status = (): DrainStatus => {
    if (isEnding) return { state: 'ending', endsInMs: 0 };
    if (ordered === null) return { state: 'serving', endsInMs: null };
    return { state: 'draining', endsInMs: Math.max(0, Math.round(ordered.endsAtMs - nowMs())) };
  };

  return {
    get status() {
      return status();
    },
    begin(afterMs) {
      if (isEnding) return status();
      cancelOrder();
      refuse(true);
      ordered = { timer: setTimeout(() => void end(), afterMs), endsAtMs: nowMs() + afterMs };
      log('info', 'process.draining', { afterMs });
      handOver?.().catch((error: unknown) => log('error', 'process.stepFailed', { error: stackOf(error) }));
      return status();
    },
    takeBack() {
      if (isEnding) throw new SluiceError('drain.tooLate');
      if (ordered === null) return status();
      cancelOrder();
      refuse(false);
      takeAgain();
      log('info', 'process.drainTakenBack');
      return status();
    },
    onSignal(signal) {
      if (signal === lastSignal) return;
      log('info', 'process.ending', { signal });
      if (isEnding) {
        giveUp();
        return;
      }
      lastSignal = signal;
      setTimeout(() => {
        lastSignal = null;
      }, sameSignalMs).unref();
      void end();
    },
    onOrphaned() {
      if (isEnding) return;
      log('warn', 'process.orphaned');
      void end();
    },
    onUncaught(error) {
      arm(2 * flushMs + exitMs);
      log('fatal', 'process.uncaught', { error: stackOf(error) });
      void exitWith(1);
    },
  };
}
