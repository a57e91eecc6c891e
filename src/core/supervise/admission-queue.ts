/**
 * Those who wait for a machine that has nothing to give: the one that came first is let in first, and who has waited too long is
 * turned away. A burst of joins is spread by it, in place of being felt by all. Pure.
 */

export interface AdmissionQueueOptions {
  readonly maxWaitMs: number;
  /** Further ones are turned away at once. */
  readonly maxWaiting: number;
}

export interface AdmissionQueue {
  readonly waiting: number;
  /** True when it is let in, false when it is turned away. */
  wait(nowMs: number): Promise<boolean>;
  /** Lets so many in. */
  admit(places: number, nowMs: number): void;
}

interface Waiter {
  readonly sinceMs: number;
  readonly settle: (isLetIn: boolean) => void;
}

export function createAdmissionQueue({ maxWaitMs, maxWaiting }: AdmissionQueueOptions): AdmissionQueue {
  const waiters: Waiter[] = [];
  return {
    get waiting() {
      return waiters.length;
    },
    wait(nowMs) {
      if (waiters.length >= maxWaiting) return Promise.resolve(false);
      return new Promise((settle) => waiters.push({ sinceMs: nowMs, settle }));
    },
    admit(places, nowMs) {
      for (const { settle } of waiters.splice(0, places)) settle(true);
      const late = waiters.filter(({ sinceMs }) => nowMs - sinceMs >= maxWaitMs).length;
      for (const { settle } of waiters.splice(0, late)) settle(false);
    },
  };
}
