/**
 * Requests in the registry: sealed, since their addresses hold credentials and whoever reads Redis is not to have them.
 * AES-256-GCM (NIST SP 800-38D) under a key of cluster.secret, with the stream's key as what is bound to it: `1.` and then, in
 * base64url, the nonce, the ciphertext and its tag.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { WireError } from '../bytes/wire-error.js';
import type { ClusterKeys } from './keys.js';

export const nonceBytes = 12;
const tagBytes = 16;
const version = '1.';
const algorithm = 'aes-256-gcm';

/** `nonce`: 12 random bytes, never used before with these keys. */
export function seal({ sealing }: ClusterKeys, key: string, text: string, nonce: Uint8Array): string {
  const cipher = createCipheriv(algorithm, sealing, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(key));
  const bytes = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${version}${bytes.toString('base64url')}`;
}

/** Error: WireError for what was sealed for another stream or by another secret, or was changed since. */
export function unseal({ sealing }: ClusterKeys, key: string, sealed: string): string {
  const bytes = Buffer.from(sealed.slice(version.length), 'base64url');
  if (!sealed.startsWith(version) || bytes.length < nonceBytes + tagBytes) throw wrong('it is in no known form');
  const [nonce, text, tag] = [
    bytes.subarray(0, nonceBytes),
    bytes.subarray(nonceBytes, -tagBytes),
    bytes.subarray(-tagBytes),
  ];
  const decipher = createDecipheriv(algorithm, sealing, nonce, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(key)).setAuthTag(tag);
  try {
    return decipher.update(text, undefined, 'utf8') + decipher.final('utf8');
  } catch {
    throw wrong('it was sealed by another cluster.secret, or changed since: all nodes must have the same secret');
  }
}

const wrong = (detail: string): WireError => new WireError('cluster.seal', detail);
