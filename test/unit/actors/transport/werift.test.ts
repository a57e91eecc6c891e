/** What stands in for werift's packages of arithmetic, held to the vectors of the RFCs. */
import assert from 'node:assert/strict';
import { verify, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { p256 } from '../../../../actors/transport/werift/p256.js';
import unused, { PemConverter, X509CertificateGenerator } from '../../../../actors/transport/werift/unused.js';
import { Certificate, PrivateKey } from '../../../../actors/transport/werift/x509.js';
import x25519 from '../../../../actors/transport/werift/x25519.js';
import { createCertificate } from '../../../../src/threads/certificate.js';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

test('X25519 gives the shared secret of RFC 7748 6.1', () => {
  const bob = bytes('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
  const alicePublic = bytes('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
  const shared = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';
  assert.equal(hex(x25519.scalarMult(bob, alicePublic)), shared);
});

test('two pairs of X25519 agree, and werift may take the whole buffer behind a key', () => {
  const [one, other] = [x25519.box.keyPair(), x25519.box.keyPair()];
  assert.deepEqual([one.secretKey.buffer.byteLength, one.publicKey.buffer.byteLength], [32, 32]);
  const held = Buffer.from(one.secretKey.buffer);
  const shared = x25519.scalarMult(held, other.publicKey);
  assert.equal(shared.length, 32);
  assert.deepEqual(shared, x25519.scalarMult(other.secretKey, one.publicKey));
  // Of bytes that were not made here, too.
  assert.deepEqual(shared, x25519.scalarMult(Uint8Array.from(held), other.publicKey));
});

test('an X25519 key of a wrong size, and one of small order, are refused', () => {
  const { secretKey } = x25519.box.keyPair();
  for (const size of [0, 31, 33]) assert.throws(() => x25519.scalarMult(secretKey, new Uint8Array(size)), RangeError);
  assert.throws(() => x25519.scalarMult(secretKey, new Uint8Array(32)));
});

test('P-256 gives the public keys and the shared secret of RFC 5903 8.1', () => {
  const i = bytes('c88f01f5 10d9ac3f 70a292da a2316de5 44e9aab8 afe84049 c62a9c57 862d1433');
  const r = bytes('c6ef9c5d 78ae012a 011164ac b397ce20 88685d8f 06bf9be0 b283ab46 476bee53');
  const gi = `04${'dad0b653 94221cf9 b051e1fe ca5787d0 98dfe637 fc90b9ef 945d0c37 72581180'}${'5271a046 1cdb8252 d61f1c45 6fa3e59a b1f45b33 accf5f58 389e0577 b8990bb3'}`;
  assert.equal(hex(p256.getPublicKey(i, false)), gi.replaceAll(' ', ''));
  const shared = p256.getSharedSecret(r, bytes(gi));
  assert.equal(hex(shared.subarray(1)), 'd6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de');
  assert.deepEqual(p256.getSharedSecret(i, p256.getPublicKey(r, false)), shared);
});

test('private keys of P-256 have 32 bytes, and a point that is none is refused', () => {
  for (let n = 0; n < 600; n += 1) assert.equal(p256.utils.randomPrivateKey().length, 32);
  const key = p256.utils.randomPrivateKey();
  assert.equal(p256.getPublicKey(key).length, 33);
  assert.throws(() => p256.getSharedSecret(key, Uint8Array.of(4, ...new Uint8Array(64).fill(7))));
});

test('the certificate and its key are those of the PEM, whichever came before', () => {
  for (const { certPem, keyPem } of [createCertificate(Date.now()), createCertificate(Date.now())]) {
    const { raw } = Certificate.fromPEM(Buffer.from(certPem));
    const certificate = new X509Certificate(certPem);
    assert.deepEqual(raw, certificate.raw);
    const data = Buffer.from('to be signed');
    const signature = PrivateKey.fromPEM(Buffer.from(keyPem)).sign(data, 'sha256');
    assert.ok(verify('sha256', data, certificate.publicKey, signature));
  }
});

test('what is left out says so when it is called', () => {
  assert.throws(() => unused(), /multicast-dns is not part of this build/);
  for (const call of [X509CertificateGenerator.createSelfSigned, PemConverter.encode]) assert.throws(() => call());
});
