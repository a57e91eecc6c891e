/** Certificates for TLS servers under test: authorities, and what they sign (RFC 5280). */
import { generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import {
  derBitString,
  derExplicit,
  derInteger,
  derOid,
  derSequence,
  derSet,
  derUtcTime,
  derUtf8,
  derValue,
} from '../../src/threads/der.js';

export interface Authority {
  readonly certPem: string;
  /** A certificate for this host name, valid until `untilMs` (UTC; default: tomorrow), as TLS servers take it. */
  issue(hostname: string, untilMs?: number): { readonly cert: string; readonly key: string };
}

const dayMs = 86_400_000;
const ecdsaWithSha256 = derSequence(derOid('1.2.840.10045.4.3.2'));
const commonName = (name: string): Uint8Array => derSequence(derSet(derSequence(derOid('2.5.4.3'), derUtf8(name))));
const extension = (oid: string, content: Uint8Array): Uint8Array =>
  derSequence(derOid(oid), derValue(tags.octetString, content));

const tags = { boolean: 0x01, octetString: 0x04, dnsName: 0x82 } as const;
/** cA TRUE (RFC 5280 4.2.1.9). */
const isAuthority = extension('2.5.29.19', derSequence(derValue(tags.boolean, Uint8Array.of(0xff))));
const isNamed = (hostname: string): Uint8Array =>
  extension('2.5.29.17', derSequence(derValue(tags.dnsName, Buffer.from(hostname))));

interface Contents {
  readonly issuer: string;
  readonly signingKey: KeyObject;
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly extension: Uint8Array;
  readonly untilMs: number;
}

function write({ issuer, signingKey, subject, publicKey, extension: only, untilMs }: Contents): string {
  const toSign = derSequence(
    derExplicit(0, derInteger(Uint8Array.of(2))), // v3
    derInteger(randomBytes(16)),
    ecdsaWithSha256,
    commonName(issuer),
    derSequence(derUtcTime(untilMs - 30 * dayMs), derUtcTime(untilMs)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    derExplicit(3, derSequence(only)),
  );
  const signature = sign('sha256', toSign, signingKey);
  return new X509Certificate(Buffer.from(derSequence(toSign, ecdsaWithSha256, derBitString(signature)))).toString();
}

export function createAuthority(name: string): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const tomorrowMs = Date.now() + dayMs;
  const from = { issuer: name, signingKey: own.privateKey };
  return {
    certPem: write({
      ...from,
      subject: name,
      publicKey: own.publicKey,
      extension: isAuthority,
      untilMs: tomorrowMs,
    }),
    issue(hostname, untilMs = tomorrowMs) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return {
        cert: write({ ...from, subject: hostname, publicKey, extension: isNamed(hostname), untilMs }),
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}
