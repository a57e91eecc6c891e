/**
 * A viewer's packets that are sent again, as a stream of their own (RFC 4588 4): own SSRC, own numbers that never come
 * twice, and before the payload the number that the packet had.
 */
import { randomInt } from 'node:crypto';
import type { FanoutTrack } from './fanout.js';
import { maxFirstSequence, writeRtpHeader } from './rtp-header.js';
import type { SrtpSender } from './srtp.js';

export interface RtxStream {
  /** Extended sequence number of the next packet. */
  readonly extended: number;
  /** A protected packet under a number of its own. */
  datagram(
    original: { readonly sequence: number; readonly marker: boolean; readonly rtpTs: number },
    payload: Uint8Array,
  ): Buffer;
}

export function createRtxStream(
  rtx: NonNullable<FanoutTrack['rtx']>,
  srtp: SrtpSender,
  extended: number | null,
): RtxStream {
  let next = extended ?? randomInt(maxFirstSequence);
  const header = Buffer.alloc(12);
  return {
    get extended() {
      return next;
    },
    datagram({ sequence, marker, rtpTs }, payload) {
      writeRtpHeader(header, { ...rtx, marker, sequence: next, rtpTs });
      const wrapped = Buffer.allocUnsafe(2 + payload.length);
      wrapped.writeUInt16BE(sequence, 0);
      wrapped.set(payload, 2);
      next += 1;
      return srtp.protectRtp(header, wrapped, next - 1);
    },
  };
}
