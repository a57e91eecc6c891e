/**
 * In place of @fidm/x509 in werift: the certificate and key of the process by node:crypto, read once a thread, since each
 * DtlsServer reads them again. The names are those of @fidm/x509.
 */
import { createPrivateKey, type KeyObject, sign, X509Certificate } from 'node:crypto';

/** The last one, by its PEM: a process has one of each. */
function cached<T>(read: (pem: string) => T): (pem: Uint8Array) => T {
  let last: { readonly pem: string; readonly value: T } | null = null;
  return (bytes) => {
    const pem = Buffer.from(bytes).toString();
    if (last?.pem !== pem) last = { pem, value: read(pem) };
    return last.value;
  };
}

const readCertificate = cached((pem) => new X509Certificate(pem));
const readKey = cached((pem) => createPrivateKey(pem));

export class Certificate {
  readonly #certificate: X509Certificate;

  constructor(certificate: X509Certificate) {
    this.#certificate = certificate;
  }

  /** DER. */
  get raw(): Buffer {
    return this.#certificate.raw;
  }

  get publicKey() {
    const { publicKey } = this.#certificate;
    return { toPEM: () => publicKey.export({ type: 'spki', format: 'pem' }).toString() };
  }

  static fromPEM(pem: Uint8Array): Certificate {
    return new Certificate(readCertificate(pem));
  }
}

export class PrivateKey {
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  static fromPEM(pem: Uint8Array): PrivateKey {
    return new PrivateKey(readKey(pem));
  }

  toPEM(): string {
    return this.#key.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  /** Of an EC key: DER (RFC 3279 2.2.3). `hash`: "sha256". */
  sign(data: Uint8Array, hash: string): Buffer {
    return sign(hash, data, this.#key);
  }
}
