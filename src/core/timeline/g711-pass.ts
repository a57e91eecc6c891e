/**
 * G.711 of the source as it is, cut again into packets of 20 ms (RFC 3551 4.2): a source's messages are of any length, and
 * one of 128 ms would hold up its own beginning. Only what stands before a gap is shorter, and is left out before a hole: it
 * would be sent as late as that is long, and a browser delays all audio for the latest packet that it has seen
 * (docs/browsers.md).
 */

import type { AudioPacket } from './audio-packet.js';
import { type AudioPass, createPassClock, holeSamples } from './pass-clock.js';

/** Of 8 kHz, one byte each (RFC 3551 4.5.14). */
const packetBytes = 160;
/** Samples of 48 kHz to one of them. */
const tick48k = 6;

/** @param notBefore48k packets begin no earlier: where another codec's ended. */
export function createG711Pass(notBefore48k: number | null): AudioPass {
  const clock = createPassClock(notBefore48k, tick48k);
  const begun = new Uint8Array(packetBytes);
  let filled = 0;
  let end48k = 0;

  const take = (): AudioPacket => {
    const samples = filled * tick48k;
    const packet = { data: begun.slice(0, filled), ts48k: end48k - samples, samples };
    filled = 0;
    return packet;
  };

  const cut = (data: Uint8Array, ts48k: number): readonly AudioPacket[] => {
    if (ts48k - end48k > holeSamples) filled = 0;
    const packets = filled > 0 && ts48k !== end48k ? [take()] : [];
    end48k = ts48k;
    for (let at = 0; at < data.length; ) {
      const part = data.subarray(at, at + packetBytes - filled);
      begun.set(part, filled);
      filled += part.length;
      end48k += part.length * tick48k;
      at += part.length;
      if (filled === packetBytes) packets.push(take());
    }
    return packets;
  };

  return {
    counts: clock.counts,
    push(mediaMs, data) {
      const ts48k = clock.place(mediaMs, data.length * tick48k);
      return ts48k === null ? [] : cut(data, ts48k);
    },
    get skew48k() {
      return clock.skew48k;
    },
    get next48k() {
      return filled > 0 ? end48k - filled * tick48k : clock.next48k;
    },
  };
}
