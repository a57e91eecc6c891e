/** The monotonic clock of the main thread, ms since an unknown moment: for spans, deadlines and rates, never for a date. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
