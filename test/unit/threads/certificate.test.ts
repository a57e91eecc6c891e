import assert from 'node:assert/strict';
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect, createServer } from 'node:tls';
import { createCertificate } from '../../../src/threads/certificate.js';
import { derInteger, derOid, derSequence, derUtcTime, derUtf8 } from '../../../src/threads/der.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const encodings = [
  { what: 'zero', got: derInteger(Uint8Array.of(0)), want: '020100' },
  { what: 'a number without its leading zeros', got: derInteger(Uint8Array.of(0, 0, 5)), want: '020105' },
  { what: 'a number whose high bit is set, with a sign byte', got: derInteger(Uint8Array.of(128)), want: '02020080' },
  { what: 'an object identifier', got: derOid('1.2.840.10045.4.3.2'), want: '06082a8648ce3d040302' },
  { what: 'a UTC time', got: derUtcTime(Date.UTC(2026, 0, 2, 3, 4, 5)), want: '170d3236303130323033303430355a' },
  { what: 'a short length', got: derUtf8('a'), want: '0c0161' },
  { what: 'a length of two bytes', got: derUtf8('a'.repeat(200)).subarray(0, 4), want: '0c81c861' },
  { what: 'a length of three bytes', got: derSequence(new Uint8Array(300)).subarray(0, 4), want: '3082012c' },
];
for (const { what, got, want } of encodings) {
  test(`DER writes ${what}`, () => assert.equal(hex(got), want));
}

test('OpenSSL reads the certificate: signed by its own key, valid now, with the fingerprint that is given', () => {
  const nowMs = Date.now();
  const { certPem, keyPem, fingerprint } = createCertificate(nowMs);
  const certificate = new X509Certificate(certPem);
  assert.ok(certificate.verify(certificate.publicKey));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(keyPem)));
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  assert.equal(certificate.subject, 'CN=sluice');
  assert.equal(certificate.issuer, 'CN=sluice');
  assert.ok(Date.parse(certificate.validFrom) < nowMs && Date.parse(certificate.validTo) > nowMs + 300 * 86_400_000);
  const digest = createHash('sha256').update(certificate.raw).digest('hex').toUpperCase();
  assert.equal(fingerprint, digest.match(/../g)?.join(':'));
  assert.match(fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
});

test('two certificates share neither key nor serial number', () => {
  const [one, other] = [createCertificate(0), createCertificate(0)];
  assert.notEqual(one.keyPem, other.keyPem);
  assert.notEqual(new X509Certificate(one.certPem).serialNumber, new X509Certificate(other.certPem).serialNumber);
});

test('a TLS handshake under the certificate shows its fingerprint to the other side', async (t) => {
  const { certPem, keyPem, fingerprint } = createCertificate(Date.now());
  const server = createServer({ cert: certPem, key: keyPem }, (socket) => socket.end());
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const socket = connect({ port: address.port, host: '127.0.0.1', ca: certPem, checkServerIdentity: () => undefined });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  assert.ok(socket.authorized);
  assert.equal(socket.getPeerCertificate().fingerprint256, fingerprint);
});
