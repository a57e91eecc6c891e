/**
 * Whether the source's end of DTLS has proved itself: werift compares its certificate with the fingerprint of its answer, and leaves
 * to us whether it owns the key of that certificate.
 */
import { ownsExchangedKey, ownsKey } from '../../../src/core/dtls/proof.js';
import { DtlsClient, type RTCPeerConnection } from './toolkit.js';

type Dtls = NonNullable<RTCPeerConnection['dtlsTransports'][number]['dtls']>;

const handshakeType = { serverKeyExchange: 12, certificateVerify: 15 } as const;

export function isProved(dtls: Dtls | undefined): boolean {
  const certificate = dtls?.remoteCertificate;
  if (dtls === undefined || certificate === undefined) return false;
  const messages = dtls.dtls.sortedHandshakeCache;
  const find = (type: number): number => messages.findIndex(({ msg_type }) => msg_type === type);
  if (dtls instanceof DtlsClient) {
    const exchanged = messages[find(handshakeType.serverKeyExchange)];
    const { localRandom, remoteRandom } = dtls.cipher;
    return (
      exchanged !== undefined &&
      ownsExchangedKey(certificate, localRandom.serialize(), remoteRandom.serialize(), exchanged.fragment)
    );
  }
  const verifyAt = find(handshakeType.certificateVerify);
  const before = Buffer.concat(messages.slice(0, Math.max(0, verifyAt)).map((message) => message.serialize()));
  return ownsKey(certificate, before, messages[verifyAt]?.fragment ?? new Uint8Array());
}
