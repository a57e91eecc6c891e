/**
 * In place of tweetnacl in werift: X25519 (RFC 7748 5) by node:crypto, some 0.1 ms a handshake against 1.9 in JavaScript. The
 * names are tweetnacl's.
 */
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';

const keyBytes = 32;
/** PrivateKeyInfo of X25519 before the key itself (RFC 8410 7). */
const privateKeyInfo = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** Reading a private key from bytes takes OpenSSL 3 a millisecond: those made here are kept while werift holds their bytes. */
const made = new WeakMap<ArrayBufferLike, KeyObject>();

function fromJwk(field: string | undefined): Uint8Array {
  // Not from a pool: werift takes the whole of its `buffer`.
  return Uint8Array.from(Buffer.from(field ?? '', 'base64url'));
}

function keyPair(): { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array } {
  const { privateKey } = generateKeyPairSync('x25519');
  const jwk = privateKey.export({ format: 'jwk' });
  const secretKey = fromJwk(jwk.d);
  made.set(secretKey.buffer, privateKey);
  return { publicKey: fromJwk(jwk.x), secretKey };
}

function privateKeyOf(secretKey: Uint8Array): KeyObject {
  const known = secretKey.length === secretKey.buffer.byteLength ? made.get(secretKey.buffer) : undefined;
  const key = () => Buffer.concat([privateKeyInfo, secretKey]);
  return known ?? createPrivateKey({ key: key(), format: 'der', type: 'pkcs8' });
}

/**
 * The shared secret, 32 bytes. Throws on a public key that is not 32 bytes, and on one that leads to a secret of zeros only
 * (RFC 7748 6.1), for which tweetnacl gives the zeros.
 */
function scalarMult(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  if (publicKey.length !== keyBytes) throw new RangeError(`an X25519 key of ${publicKey.length} bytes`);
  const jwk = { kty: 'OKP', crv: 'X25519', x: Buffer.from(publicKey).toString('base64url') };
  return diffieHellman({
    privateKey: privateKeyOf(secretKey),
    publicKey: createPublicKey({ key: jwk, format: 'jwk' }),
  });
}

export default { box: { keyPair }, scalarMult };
