/** The clocks of a thread. `performance.now()` has another origin in each thread, so it is not used. */

export interface ThreadClock {
  /** Monotonic ms, the same in every thread of the machine. */
  nowMs(): number;
  /** UTC in ms as it was when the clock was made, running with `nowMs`: steps of the machine's clock do not show. */
  wallMs(): number;
}

export function createThreadClock(): ThreadClock {
  const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;
  const utcAtZeroMs = Date.now() - nowMs();
  return { nowMs, wallMs: () => utcAtZeroMs + nowMs() };
}
