/**
 * Calls over a thread boundary that are settled in any case: by their answer, by their deadline, or at once when the
 * other thread ends. Comlink alone would wait for ever.
 */
import { SluiceError } from '../../errors.js';
import { fromOutcome, type Outcome } from './outcome.js';

export interface PendingCalls {
  /** Errors: the answer's own, actor.timeout (if `isTimed`), actor.dead. */
  call<T>(name: string, send: () => Promise<Outcome<T>>, isTimed: boolean): Promise<T>;
  /** The thread is gone: what is pending fails now (actor.dead), and so does every later call. */
  fail(): void;
}

/** `startTimer` calls `onTime` after the time given, unless what it gives back is called before. */
export function createPendingCalls(
  timeoutMs: number,
  startTimer: (onTime: () => void, ms: number) => () => void,
): PendingCalls {
  const pending = new Set<(error: SluiceError) => void>();
  let isDead = false;

  return {
    call: <T>(name: string, send: () => Promise<Outcome<T>>, isTimed: boolean): Promise<T> =>
      new Promise((resolve, reject) => {
        if (isDead) {
          reject(new SluiceError('actor.dead'));
          return;
        }
        const settle = (): void => {
          stopTimer();
          pending.delete(fail);
        };
        const fail = (error: unknown): void => {
          settle();
          reject(error);
        };
        const late = (): void => fail(new SluiceError('actor.timeout', `${name}, ${timeoutMs} ms`));
        const stopTimer = isTimed ? startTimer(late, timeoutMs) : () => {};
        pending.add(fail);
        send()
          .then((outcome) => {
            settle();
            resolve(fromOutcome(outcome));
          })
          .catch(fail);
      }),
    fail() {
      isDead = true;
      for (const reject of [...pending]) reject(new SluiceError('actor.dead'));
    },
  };
}
