/** RTCP of one viewer, both ways: numbered, protected and sent; opened, checked for replay, and read. */
import { WireError } from '../../src/core/bytes/wire-error.js';
import { parseRtcp, type RtcpItem } from '../../src/core/rtcp/compound.js';
import { createSrtcpReceiver, createSrtpSender, maxRtcpIndex } from '../../src/core/srtp/srtp.js';
import type { SrtpKeys } from '../../src/core/srtp/srtp-keys.js';
import type { SessionNumbers } from './session-numbers.js';

export interface RtcpChannel {
  /** False when it was not taken, or when the key has been used for 2^31 packets. */
  send(packet: Uint8Array): boolean;
  /** Null for what is not authentic or came before. */
  open(packet: Uint8Array): Uint8Array | null;
}

export function createRtcpChannel(
  keys: SrtpKeys,
  send: (datagram: Uint8Array) => boolean,
  numbers: Pick<SessionNumbers, 'rtcpIndex' | 'rtcpSources'>,
): RtcpChannel {
  const sender = createSrtpSender(keys.profile, keys.localKey, keys.localSalt);
  const receiver = createSrtcpReceiver(keys.profile, keys.remoteKey, keys.remoteSalt, numbers.rtcpSources);
  return {
    send(packet) {
      const index = numbers.rtcpIndex + 1;
      if (index > maxRtcpIndex) return false;
      numbers.rtcpIndex = index;
      return send(sender.protectRtcp(packet, index));
    },
    open: (packet) => receiver.open(packet),
  };
}

/** Empty for what is no RTCP: it was authentic, and costs the viewer its own report alone. */
export function readRtcp(packet: Uint8Array): readonly RtcpItem[] {
  try {
    return parseRtcp(packet);
  } catch (error) {
    if (error instanceof WireError) return [];
    throw error;
  }
}
