/**
 * One viewer's retransmissions as an RTP stream of their own (RFC 4588 4): their own SSRC and sequence numbers, and the original
 * sequence number (OSN) before the payload.
 */
import { createRtpHeader, writeRtpHeader } from '../../src/core/rtp/header.js';
import type { SrtpSender } from '../../src/core/srtp/srtp.js';
import { nextOf, trackWord } from './session-numbers.js';
import type { FanoutTrack } from './subscriber.js';
import type { TwccHistory } from './twcc-history.js';

export interface RtxStream {
  readonly ssrc: number;
  /** Extended sequence number of the next packet. */
  readonly extended: number;
  /** The protected packet, with the next sequence number of this stream, and the next transport-wide one. */
  datagram(
    original: { readonly sequence: number; readonly marker: boolean; readonly rtpTs: number },
    payload: Uint8Array,
  ): Buffer;
}

export function createRtxStream(
  rtx: NonNullable<FanoutTrack['rtx']>,
  srtp: SrtpSender,
  twcc: TwccHistory | null,
  numbers: Float64Array,
): RtxStream {
  let next = nextOf(numbers, trackWord.rtxExtended);
  const header = createRtpHeader(twcc !== null);
  return {
    ssrc: rtx.ssrc,
    get extended() {
      return next;
    },
    datagram({ sequence, marker, rtpTs }, payload) {
      const numbered = twcc === null ? null : { id: twcc.id, number: twcc.next };
      writeRtpHeader(header, { ...rtx, marker, sequence: next, rtpTs, twcc: numbered });
      const wrapped = Buffer.allocUnsafe(2 + payload.length);
      wrapped.writeUInt16BE(sequence, 0);
      wrapped.set(payload, 2);
      next += 1;
      numbers[trackWord.rtxExtended] = next;
      return srtp.protectRtp(header, wrapped, next - 1);
    },
  };
}
