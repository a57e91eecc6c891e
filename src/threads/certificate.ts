/**
 * The DTLS certificate of the process: self-signed, ECDSA P-256, like those of browsers (RFC 8827 6.5). Viewers
 * verify it by its fingerprint in the SDP, so it is made again at each start and never stored.
 */
import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import type { DtlsCertificate } from '../../actors/contract.js';
import { derBitString, derExplicit, derInteger, derOid, derSequence, derSet, derUtcTime, derUtf8 } from './der.js';

const dayMs = 86_400_000;
/** The margins are for browsers with a wrong clock, and for a process that runs for months. */
const validFromMs = -30 * dayMs;
const validToMs = 365 * dayMs;
const serialBytes = 16;

const ecdsaWithSha256 = derSequence(derOid('1.2.840.10045.4.3.2'));
const commonName = derOid('2.5.4.3');

/** `utcMs`: the current time. Takes some milliseconds. */
export function createCertificate(utcMs: number): DtlsCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = derSequence(derSet(derSequence(commonName, derUtf8('sluice'))));
  const tbsCertificate = derSequence(
    derExplicit(0, derInteger(Uint8Array.of(2))), // v3
    derInteger(randomBytes(serialBytes)),
    ecdsaWithSha256,
    name,
    derSequence(derUtcTime(utcMs + validFromMs), derUtcTime(utcMs + validToMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', tbsCertificate, privateKey);
  const certificate = new X509Certificate(
    Buffer.from(derSequence(tbsCertificate, ecdsaWithSha256, derBitString(signature))),
  );
  return {
    certPem: certificate.toString(),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    fingerprint: certificate.fingerprint256,
  };
}
