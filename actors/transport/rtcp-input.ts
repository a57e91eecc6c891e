/** RTCP of one peer, from the moment at which it is connected: opened here or where it comes in (receiver.ts), and handed on. */
import type { SrtpKeys } from '../../src/core/srtp/srtp-keys.js';
import type { Credentials } from '../session-record.js';
import type { PeerPaths } from './peer-paths.js';
import type { PeerReceived, PeerRtcp } from './receiver.js';

export interface RtcpInputOptions {
  readonly paths: Pick<PeerPaths, 'target' | 'aimWith' | 'checkAgain' | 'heard'>;
  /** Those that are valid. */
  readonly credentials: () => readonly Credentials[];
  readonly openRtcp: (keys: SrtpKeys, received: PeerReceived) => PeerRtcp;
  /** A packet was authentic: the peer has seen all of the handshake. */
  readonly onAuthentic: () => void;
  readonly onRtcp: PeerReceived['onRtcp'];
}

export interface RtcpInput {
  open(keys: SrtpKeys): void;
  /** The peer's path or its credentials may have changed. */
  follow(): void;
  /** SRTCP from the address with this key. */
  receive(datagram: Uint8Array, key: string): void;
  close(): void;
}

export function createRtcpInput({ paths, credentials, ...options }: RtcpInputOptions): RtcpInput {
  let rtcp: PeerRtcp | null = null;
  const follow = (): void => rtcp?.aim(paths.aimWith(credentials()));

  const take = (packet: Uint8Array, ageMs: number, key: string): void => {
    paths.heard(key);
    options.onAuthentic();
    options.onRtcp(packet, ageMs);
  };

  const received: PeerReceived = {
    onCheck: paths.checkAgain,
    onRtcp(packet, ageMs) {
      if (paths.target !== null) take(packet, ageMs, paths.target.key);
    },
  };

  return {
    follow,
    open(keys) {
      rtcp = options.openRtcp(keys, received);
      follow();
    },
    receive(datagram, key) {
      const packet = rtcp?.open(datagram) ?? null;
      if (packet !== null) take(packet, 0, key);
    },
    close() {
      rtcp?.close();
      rtcp = null;
    },
  };
}
