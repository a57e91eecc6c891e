/** The operator's own certificate authorities, in addition to those of Node. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readThrown, SluiceError } from '../errors.js';

const certificates = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** The certificates of a PEM file; empty without a file. Error: config.invalid, which names the key of the configuration. */
export function readAuthorities(file: string, key: string): string {
  if (file === '') return '';
  const found = read(file, key).match(certificates) ?? [];
  if (found.length === 0) throw invalid(file, key, 'it holds no certificate in PEM form');
  for (const [index, pem] of found.entries()) {
    if (!isReadable(pem)) throw invalid(file, key, `its certificate ${index + 1} cannot be read`);
  }
  return found.join('\n');
}

function read(file: string, key: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = readThrown(error);
    throw invalid(file, key, `it cannot be read (${code || message})`);
  }
}

function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function invalid(file: string, key: string, why: string): SluiceError {
  return new SluiceError('config.invalid', `${key}: ${file}: ${why}`);
}
