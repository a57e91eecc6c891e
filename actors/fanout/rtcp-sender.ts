/** RTCP to one viewer: numbered, protected and sent. */
import { maxRtcpIndex, type SrtpSender } from '../../src/core/srtp/srtp.js';
import type { SessionNumbers } from './session-numbers.js';

/** False when it was not taken, or when the key has been used for 2^31 packets. */
export const createRtcpSender =
  (
    srtp: Pick<SrtpSender, 'protectRtcp'>,
    send: (datagram: Uint8Array) => boolean,
    numbers: Pick<SessionNumbers, 'rtcpIndex'>,
  ): ((packet: Uint8Array) => boolean) =>
  (packet) => {
    const index = numbers.rtcpIndex + 1;
    if (index > maxRtcpIndex) return false;
    numbers.rtcpIndex = index;
    return send(srtp.protectRtcp(packet, index));
  };
