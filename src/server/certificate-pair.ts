/** A certificate and its key, in two files. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readThrown, SluiceError } from '../errors.js';

/** Error: config.invalid, with the setting, its file, and what is wrong with it. */
export function readCertificate(certFile: string, keyFile: string): X509Certificate {
  const certificate = readPem('server.tlsCertFile', certFile, 'a certificate', (pem) => new X509Certificate(pem));
  const key: KeyObject = readPem('server.tlsKeyFile', keyFile, 'a private key without a passphrase', createPrivateKey);
  if (!certificate.checkPrivateKey(key))
    throw new SluiceError('config.invalid', `server.tlsKeyFile: the key in ${keyFile} is not that of ${certFile}`);
  return certificate;
}

function readPem<T>(setting: string, file: string, what: string, parse: (pem: Buffer) => T): T {
  let pem: Buffer;
  try {
    pem = readFileSync(file);
  } catch (error) {
    throw new SluiceError('config.invalid', `${setting}: ${file} cannot be read (${readThrown(error).code})`);
  }
  try {
    return parse(pem);
  } catch {
    throw new SluiceError('config.invalid', `${setting}: ${file} does not hold ${what} in PEM`);
  }
}
