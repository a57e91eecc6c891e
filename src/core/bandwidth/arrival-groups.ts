/**
 * How much the delay through the network grew or shrank from one burst of packets to the next: the measure of a queue that
 * builds up (draft-ietf-rmcat-gcc-02 5.1, 5.2). What was sent within 5 ms is one group, and so is what a pause of the path
 * held back and let go at once.
 */

/** What became of one packet that was sent. */
export interface PacketFeedback {
  /** By our clock. */
  readonly sentMs: number;
  /** By the receiver's clock, of which only differences mean something; null: it did not come. */
  readonly arrivedMs: number | null;
  readonly bytes: number;
}

export interface DelayVariation {
  /** The later group's delay less the earlier one's. */
  readonly variationMs: number;
  /** When the later group was whole, by the receiver's clock. */
  readonly arrivedMs: number;
}

const burstMs = 5;
/** A pause of the path that lasts longer is not taken for one. */
const maxBurstMs = 100;
/** A variation beyond is a jump of a clock, or a path that stood still: what was known of the old one is worth nothing. */
const maxVariationMs = 3000;

interface Group {
  readonly firstSentMs: number;
  readonly firstArrivedMs: number;
  sentMs: number;
  arrivedMs: number;
}

export interface ArrivalGroups {
  /** A packet that came, in the order of sending. `variation`: known when a group is whole; `restart`: begin again. */
  push(sentMs: number, arrivedMs: number): DelayVariation | 'restart' | null;
}

export function createArrivalGroups(): ArrivalGroups {
  let before: Group | null = null;
  let current: Group | null = null;

  const belongs = (group: Group, sentMs: number, arrivedMs: number): boolean => {
    if (sentMs - group.firstSentMs <= burstMs) return true;
    const sinceLast = arrivedMs - group.arrivedMs;
    const grown = sinceLast - (sentMs - group.sentMs);
    return grown < 0 && sinceLast <= burstMs && arrivedMs - group.firstArrivedMs < maxBurstMs;
  };

  const begin = (sentMs: number, arrivedMs: number): Group => ({
    firstSentMs: sentMs,
    firstArrivedMs: arrivedMs,
    sentMs,
    arrivedMs,
  });

  return {
    push(sentMs, arrivedMs) {
      if (current === null) {
        current = begin(sentMs, arrivedMs);
        return null;
      }
      if (belongs(current, sentMs, arrivedMs)) {
        current.sentMs = Math.max(current.sentMs, sentMs);
        current.arrivedMs = Math.max(current.arrivedMs, arrivedMs);
        return null;
      }
      // Overtaken on its path: it says nothing of the queue.
      if (arrivedMs < current.arrivedMs && current.arrivedMs - arrivedMs < maxVariationMs) return null;
      const whole: Group = current;
      const earlier = before;
      before = whole;
      current = begin(sentMs, arrivedMs);
      if (earlier === null) return null;
      const variationMs = whole.arrivedMs - earlier.arrivedMs - (whole.sentMs - earlier.sentMs);
      if (Math.abs(variationMs) <= maxVariationMs) return { variationMs, arrivedMs: whole.arrivedMs };
      before = null;
      return 'restart';
    },
  };
}
