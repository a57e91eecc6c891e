/** The monotonic clock of the main thread, ms from an arbitrary origin: for durations, deadlines and rates. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
