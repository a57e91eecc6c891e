import assert from 'node:assert/strict';
import { createHash, createHmac, createSign, randomBytes, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { hasFingerprint, isFinished, ownsExchangedKey, ownsKey } from '../../../../src/core/dtls/proof.js';
import { makeCertificate } from '../../../support/viewer/media-client.js';

const { certPem, keyPem, fingerprint } = await makeCertificate();
const other = await makeCertificate();
const certificate = new X509Certificate(certPem).raw;
const transcript = randomBytes(700);

function certificateVerify(key: string, algorithm = 0x0403, data: Uint8Array = transcript): Buffer {
  const signature = createSign('sha256').update(data).sign(key);
  const header = Buffer.alloc(4);
  header.writeUInt16BE(algorithm, 0);
  header.writeUInt16BE(signature.length, 2);
  return Buffer.concat([header, signature]);
}

test('a fingerprint matches its certificate in either case, by each hash that SDP may name', () => {
  const of = (algorithm: string): string =>
    createHash(algorithm)
      .update(certificate)
      .digest('hex')
      .replace(/(..)(?!$)/g, '$1:');
  assert.equal(hasFingerprint(certificate, { algorithm: 'sha-256', value: fingerprint }), true);
  assert.equal(hasFingerprint(certificate, { algorithm: 'SHA-256', value: fingerprint.toLowerCase() }), true);
  assert.equal(hasFingerprint(certificate, { algorithm: 'sha-384', value: of('sha384') }), true);
  assert.equal(hasFingerprint(certificate, { algorithm: 'sha-512', value: of('sha512') }), true);
});

test('a fingerprint of another certificate, of a hash not known, or an empty one matches nothing', () => {
  const sha1 = createHash('sha1').update(certificate).digest('hex');
  assert.equal(hasFingerprint(certificate, { algorithm: 'sha-256', value: other.fingerprint }), false);
  assert.equal(hasFingerprint(certificate, { algorithm: 'sha-256', value: '' }), false);
  assert.equal(hasFingerprint(certificate, { algorithm: 'sha-1', value: sha1 }), false);
  assert.equal(hasFingerprint(certificate, { algorithm: '__proto__', value: sha1 }), false);
});

test('only the owner of the key can sign the handshake', () => {
  assert.equal(ownsKey(certificate, transcript, certificateVerify(keyPem)), true);
  assert.equal(ownsKey(certificate, transcript, certificateVerify(other.keyPem)), false);
  assert.equal(ownsKey(certificate, transcript, certificateVerify(keyPem, 0x0403, randomBytes(700))), false);
});

for (const [name, body] of [
  ['nothing', Buffer.alloc(0)],
  ['an algorithm that was not asked for', certificateVerify(keyPem, 0x0201)],
  ['the algorithm of another kind of key', certificateVerify(keyPem, 0x0401)],
  ['a length that does not fit', certificateVerify(keyPem).subarray(0, -1)],
  ['an empty signature', Buffer.from([4, 3, 0, 0])],
] as const) {
  test(`CertificateVerify with ${name} proves nothing`, () => {
    assert.equal(ownsKey(certificate, transcript, body), false);
  });
}

test('a certificate that cannot be read owns no key', () => {
  assert.equal(ownsKey(randomBytes(300), transcript, certificateVerify(keyPem)), false);
});

/** RFC 8422 5.4: named curve, X25519, a key of 32 bytes. */
const agreed = Buffer.concat([Buffer.from([3, 0, 29, 32]), randomBytes(32)]);
const [clientRandom, serverRandom] = [randomBytes(32), randomBytes(32)];
const keyExchange = (key: string, from = agreed): Buffer => {
  return Buffer.concat([from, certificateVerify(key, 0x0403, Buffer.concat([clientRandom, serverRandom, from]))]);
};

test('only the owner of the key can sign the key that a server agrees with', () => {
  const owns = (body: Uint8Array, server = serverRandom) => ownsExchangedKey(certificate, clientRandom, server, body);
  assert.equal(owns(keyExchange(keyPem)), true);
  assert.equal(owns(keyExchange(other.keyPem)), false);
  assert.equal(owns(keyExchange(keyPem), randomBytes(32)), false);
  assert.equal(owns(Buffer.concat([agreed.subarray(0, 35), Buffer.of(0), keyExchange(keyPem).subarray(36)])), false);
});

test('a key exchange that is cut, or names no curve, proves nothing', () => {
  const whole = keyExchange(keyPem);
  for (const bytes of [0, 3, 20, 38, whole.length - 1]) {
    assert.equal(ownsExchangedKey(certificate, clientRandom, serverRandom, whole.subarray(0, bytes)), false);
  }
  const explicit = keyExchange(keyPem, Buffer.concat([Buffer.of(1), agreed.subarray(1)]));
  assert.equal(ownsExchangedKey(certificate, clientRandom, serverRandom, explicit), false);
});

const masterSecret = randomBytes(48);
/** RFC 5246 5 and 7.4.9, written out. */
function finishedOf(secret: Uint8Array, label: string): Buffer {
  const seed = Buffer.concat([Buffer.from(label), createHash('sha256').update(transcript).digest()]);
  const a1 = createHmac('sha256', secret).update(seed).digest();
  const data = createHmac('sha256', secret).update(a1).update(seed).digest().subarray(0, 12);
  return Buffer.concat([Buffer.from([20, 0, 0, 12, 0, 5, 0, 0, 0, 0, 0, 12]), data]);
}

test('Finished proves that both sides saw the same handshake', () => {
  const finished = finishedOf(masterSecret, 'client finished');
  assert.equal(isFinished(finished, masterSecret, transcript), true);
  assert.equal(isFinished(finished, masterSecret, randomBytes(700)), false);
  assert.equal(isFinished(finished, randomBytes(48), transcript), false);
  assert.equal(isFinished(finishedOf(masterSecret, 'server finished'), masterSecret, transcript), false);
  assert.equal(isFinished(finished.subarray(0, 23), masterSecret, transcript), false);
  const huge = Buffer.from(finished);
  huge[1] = 0xff;
  assert.equal(isFinished(huge, masterSecret, transcript), false);
});
