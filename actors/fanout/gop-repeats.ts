/**
 * How often a viewer that asks for a keyframe (PLI, RFC 4585 6.3.1; FIR, RFC 5104 4.3.1) is sent the cached GOP again: at most
 * twice as many packets as the GOP has, however often it asks. Each burst takes twice as long as the one before: who lost packets
 * of a long burst was too slow for it.
 */
export interface GopRepeats {
  /**
   * A GOP of `packets`, which begins at packet `gopStart` of the history, is asked for. Gives how many times as long as the first
   * burst this one is to take; null: it is not sent again.
   */
  next(gopStart: number, packets: number): number | null;
}

export function createGopRepeats(): GopRepeats {
  let last = { gopStart: 0, packets: 0, times: 0 };
  return {
    next(gopStart, packets) {
      const before = last.gopStart === gopStart ? last : { packets: 0, times: 0 };
      if (before.packets > packets) return null;
      const times = before.times + 1;
      last = { gopStart, packets: before.packets + packets, times };
      return 2 ** times;
    },
  };
}
