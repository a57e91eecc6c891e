/** The operator's own certificate authorities for rtmps:// sources, in addition to those of Node. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readThrown, SluiceError } from '../errors.js';

const certificates = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** The certificates of a PEM file; empty without a file. Error: config.invalid. */
export function readAuthorities(caFile: string): string {
  if (caFile === '') return '';
  const found = read(caFile).match(certificates) ?? [];
  if (found.length === 0) throw invalid(caFile, 'it holds no certificate in PEM form');
  for (const [index, pem] of found.entries()) {
    if (!isReadable(pem)) throw invalid(caFile, `its certificate ${index + 1} cannot be read`);
  }
  return found.join('\n');
}

function read(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8');
  } catch (error) {
    const { code, message } = readThrown(error);
    throw invalid(caFile, `it cannot be read (${code || message})`);
  }
}

function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function invalid(caFile: string, why: string): SluiceError {
  return new SluiceError('config.invalid', `rtmp.caFile: ${caFile}: ${why}`);
}
