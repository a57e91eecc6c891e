/** The clocks of a thread. */

export interface ThreadClock {
  /** Monotonic ms, the same in every thread of the machine. */
  nowMs(): number;
  /** UTC in ms as it was when the clock was made, running with `nowMs`: steps of the machine's clock do not show. */
  wallMs(): number;
}

export function createThreadClock(): ThreadClock {
  // performance.now() has another origin in each thread; hrtime has not, but costs some three times as much a call.
  const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  const nowMs = (): number => originMs + performance.now();
  const utcAtZeroMs = Date.now() - nowMs();
  return { nowMs, wallMs: () => utcAtZeroMs + nowMs() };
}
