/**
 * The transport-wide numbers of one viewer's packets in the TypeScript fan-out, and what is remembered of those sent under
 * them (draft-holmer-rmcat-transport-wide-cc-extensions-01 2).
 */
import type { SentPacket } from '../../src/core/bandwidth/feedback-adapter.js';
import { extendSequence } from '../../src/core/rtp/sequence.js';
import type { SessionNumbers } from './session-numbers.js';

/** About two seconds of 5 Mbit/s. */
const remembered = 1024;

export interface TwccHistory {
  /** Of the header extension, 1 to 14. */
  readonly id: number;
  /** The number of the packet that goes out next. */
  readonly next: number;
  /** A packet went out under the next number. */
  sent(ssrc: number, extended: number, bytes: number): void;
  /** The number that a packet had; null when it is not remembered. */
  find(ssrc: number, extended: number): number | null;
  /** By the lower 16 bits of the first number; null for each that is not remembered, or was never given. */
  lookUp(first: number, count: number): readonly (SentPacket | null)[];
}

/** `numbers`: where it goes on, and notes each number that is used. */
export function createTwccHistory(id: number, numbers: Pick<SessionNumbers, 'twccNext'>): TwccHistory {
  const first = numbers.twccNext;
  const sentMs = new Float64Array(remembered);
  const extendeds = new Float64Array(remembered);
  const ssrcs = new Uint32Array(remembered);
  const sizes = new Uint16Array(remembered);
  let next = first;

  const isRemembered = (number: number): boolean => number >= Math.max(first, next - remembered) && number < next;

  return {
    id,
    get next() {
      return next;
    },
    sent(ssrc, extended, bytes) {
      const at = next % remembered;
      sentMs[at] = Number(process.hrtime.bigint()) / 1e6;
      extendeds[at] = extended;
      ssrcs[at] = ssrc;
      sizes[at] = bytes;
      next += 1;
      numbers.twccNext = next;
    },
    find(ssrc, extended) {
      for (let number = next - 1; isRemembered(number); number -= 1) {
        const at = number % remembered;
        if (ssrcs[at] === ssrc && extendeds[at] === extended) return number;
      }
      return null;
    },
    lookUp(first16, count) {
      const from = extendSequence(first16, Math.max(first, next - 1));
      return Array.from({ length: count }, (_, n) => {
        const at = (from + n) % remembered;
        return isRemembered(from + n) ? { sentMs: sentMs[at] ?? 0, bytes: sizes[at] ?? 0 } : null;
      });
    },
  };
}
