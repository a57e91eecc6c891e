/**
 * What a DTLS peer must prove before its keys are used. Of a client: that its certificate is the one of its SDP (RFC 8122 5), that
 * it owns that certificate's key (CertificateVerify, RFC 5246 7.4.8), and that both sides saw the same handshake
 * (Finished, RFC 5246 7.4.9). werift's DtlsServer checks none of the three. Of a server: that it owns its certificate's key, by
 * which it signs the key that it agrees with (ServerKeyExchange, RFC 8422 5.4); werift's client does not look.
 */
import { createHash, createHmac, timingSafeEqual, verify, X509Certificate } from 'node:crypto';

export interface Fingerprint {
  /** "sha-256", "sha-384" or "sha-512"; anything else matches nothing. */
  readonly algorithm: string;
  /** "AB:CD:…", in either case. */
  readonly value: string;
}

const hashNames: ReadonlyMap<string, string> = new Map([
  ['sha-256', 'sha256'],
  ['sha-384', 'sha384'],
  ['sha-512', 'sha512'],
]);

/** `certificate`: DER. */
export function hasFingerprint(certificate: Uint8Array, { algorithm, value }: Fingerprint): boolean {
  const hashName = hashNames.get(algorithm.toLowerCase());
  if (hashName === undefined) return false;
  return createHash(hashName).update(certificate).digest('hex') === value.replaceAll(':', '').toLowerCase();
}

/** SignatureAndHashAlgorithm (RFC 5246 7.4.1.4.1) to the type of key: the two that we ask for. */
const keyTypes: Readonly<Record<number, string>> = { 1025: 'rsa', 1027: 'ec' };

/** `transcript`: what is signed, all handshake messages before CertificateVerify; `body`: what CertificateVerify holds. */
export function ownsKey(certificate: Uint8Array, transcript: Uint8Array, body: Uint8Array): boolean {
  const message = Buffer.from(body);
  if (message.length < 4 || message.readUInt16BE(2) !== message.length - 4) return false;
  try {
    const { publicKey } = new X509Certificate(certificate);
    if (publicKey.asymmetricKeyType !== keyTypes[message.readUInt16BE(0)]) return false;
    return verify('sha256', transcript, publicKey, message.subarray(4));
  } catch {
    return false; // node:crypto throws on a certificate that cannot be read.
  }
}

const keyExchange = { namedCurve: 3, keyAt: 4, algorithmBytes: 4 } as const;

/** `body`: what ServerKeyExchange holds. The randoms are those of both hellos, of 32 bytes. */
export function ownsExchangedKey(
  certificate: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
  body: Uint8Array,
): boolean {
  const [curveType, , , keyBytes = 0] = body;
  const end = keyExchange.keyAt + keyBytes;
  if (curveType !== keyExchange.namedCurve || body.length < end + keyExchange.algorithmBytes) return false;
  const signed = Buffer.concat([clientRandom, serverRandom, body.subarray(0, end)]);
  return ownsKey(certificate, signed, body.subarray(end));
}

const hmac = (key: Uint8Array, data: Uint8Array): Buffer => createHmac('sha256', key).update(data).digest();

/** `finished`: the decrypted handshake message with its header. `transcript`: all handshake messages before it. */
export function isFinished(finished: Uint8Array, masterSecret: Uint8Array, transcript: Uint8Array): boolean {
  // Type 20, 12 bytes, in one fragment; message_seq (bytes 4 and 5) may be any.
  const header = Buffer.from([20, 0, 0, 12, finished[4] ?? 0, finished[5] ?? 0, 0, 0, 0, 0, 0, 12]);
  if (finished.length !== 24 || !header.equals(finished.subarray(0, 12))) return false;
  const seed = Buffer.concat([Buffer.from('client finished'), createHash('sha256').update(transcript).digest()]);
  // RFC 5246 5: the first 12 bytes of P_SHA256 are those of its first round.
  const expected = hmac(masterSecret, Buffer.concat([hmac(masterSecret, seed), seed])).subarray(0, 12);
  return timingSafeEqual(expected, finished.subarray(12));
}
