/** Where stamps wrap: 32 bits by RTMP (section 5.3.1.3), 24 bits by peers that leave out the extended timestamp. */
export const wraps32Ms = 2 ** 32;
export const wraps24Ms = 2 ** 24;

/** The time that differs from `ms` by whole wraps and lies nearest to `nearMs`. */
export function unwrapNear(ms: number, nearMs: number, wrapsMs: number): number {
  return ms + Math.round((nearMs - ms) / wrapsMs) * wrapsMs;
}
