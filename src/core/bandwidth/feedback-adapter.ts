/** From what a viewer reports of numbers to what became of packets: each packet once, and times that never wrap. */
import { referenceUnitMs, type TwccFeedback } from '../rtcp/twcc-feedback.js';
import { extendSequence } from '../rtp/sequence.js';
import type { PacketFeedback } from './arrival-groups.js';

export type SentPacket = Pick<PacketFeedback, 'sentMs' | 'bytes'>;

/** What was sent under `count` transport-wide numbers, by the lower 16 bits of the first; null: not known any more. */
export type LookUpSent = (first: number, count: number) => readonly (SentPacket | null)[];

export interface FeedbackAdapter {
  /** In the order of sending; what was reported before, and what is unknown, is left out. */
  read(twcc: TwccFeedback, lookUp: LookUpSent): readonly PacketFeedback[];
}

export function createFeedbackAdapter(): FeedbackAdapter {
  /** Extended number behind the last packet that was reported; null before the first. */
  let next: number | null = null;
  let reference64ms: number | null = null;

  return {
    read({ firstSequence, reference64ms: received, arrivedMs }, lookUp) {
      const before = reference64ms ?? received;
      // Modulo 2^24, forward or backward by less than half of it.
      reference64ms = before + (((received - before) << 8) >> 8);
      const baseMs = reference64ms * referenceUnitMs;
      const first = next === null ? firstSequence : extendSequence(firstSequence, next);
      const feedback: PacketFeedback[] = [];
      for (const [n, packet] of lookUp(firstSequence, arrivedMs.length).entries()) {
        if (packet === null || (next !== null && first + n < next)) continue;
        next = first + n + 1;
        const afterMs = arrivedMs[n] ?? null;
        feedback.push({ ...packet, arrivedMs: afterMs === null ? null : baseMs + afterMs });
      }
      return feedback;
    },
  };
}
