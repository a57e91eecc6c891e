/** Opus of the source as it is: each of its packets is one of RTP (RFC 7587 4.2). */
import { readOpusPacket } from '../codec/opus-packet.js';
import { type AudioPass, createPassClock } from './pass-clock.js';

/** @param notBefore48k packets begin no earlier: where another codec's ended. */
export function createOpusPass(notBefore48k: number | null): AudioPass {
  const clock = createPassClock(notBefore48k, 1);
  return {
    counts: clock.counts,
    push(mediaMs, data) {
      const info = readOpusPacket(data);
      if (info === null) {
        clock.damaged(mediaMs);
        return [];
      }
      const { samples } = info;
      const ts48k = clock.place(mediaMs, samples);
      return ts48k === null ? [] : [{ data, ts48k, samples }];
    },
    get skew48k() {
      return clock.skew48k;
    },
    get next48k() {
      return clock.next48k;
    },
  };
}
