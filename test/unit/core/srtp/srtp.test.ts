import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { RtpHeader, SrtcpSession, SrtpSession } from 'werift';
import { createSrtcpReceiver, createSrtpSender, sealRtpGcm } from '../../../../src/core/srtp/srtp.js';
import { deriveSessionKeys } from '../../../../src/core/srtp/srtp-keys.js';

const profiles = [
  { profile: 'AEAD_AES_128_GCM', number: 7, saltBytes: 12 },
  { profile: 'AES_CM_128_HMAC_SHA1_80', number: 1, saltBytes: 14 },
] as const;

const masterKey = Buffer.from('e1f97a0d3e018be0d64fa32c06de4139', 'hex');
const masterSalt = Buffer.from('0ec675ad498afeebb6960b3aabe6', 'hex');

const peer = (saltBytes: number) => {
  const key = masterKey;
  const salt = masterSalt.subarray(0, saltBytes);
  return { localMasterKey: key, localMasterSalt: salt, remoteMasterKey: key, remoteMasterSalt: salt };
};

const rtpHeader = (sequence: number): Buffer => {
  const header = Buffer.from('80e00000deadbeef12345678', 'hex');
  header.writeUInt16BE(sequence, 2);
  return header;
};

const report = (seed: number): Buffer => Buffer.from(`80c9000112345678${seed.toString(16).padStart(8, '0')}`, 'hex');

test('session keys are those of RFC 3711 B.3', () => {
  const keys = deriveSessionKeys('AES_CM_128_HMAC_SHA1_80', 'rtp', masterKey, masterSalt);
  assert.equal(keys.key.export().toString('hex'), 'c61e7a93744f39ee10734afe3ff7a087');
  assert.equal(Buffer.from(keys.salt).toString('hex'), '30cbbc08863d8c85d49db34a9ae1');
  assert.equal(Buffer.from(keys.authKey).toString('hex'), 'cebe321f6ff7716b6fd4ab49af256a156d38baa4');
});

for (const { profile, number, saltBytes } of profiles) {
  const sender = () => createSrtpSender(profile, masterKey, masterSalt.subarray(0, saltBytes));
  const receiver = () => createSrtcpReceiver(profile, masterKey, masterSalt.subarray(0, saltBytes));

  test(`${profile}: another implementation reads our RTP, also after the sequence number has rolled over`, () => {
    const session = new SrtpSession({ keys: peer(saltBytes), profile: number });
    const ours = sender();
    for (let index = 65_500; index < 65_600; index += 1) {
      const payload = Buffer.from(`packet ${index}`);
      // Both sides begin at roll-over counter 0, so the first packet is number 65,500 of round 0.
      const sealed = ours.protectRtp(rtpHeader(index % 65_536), payload, index);
      const opened = session.decrypt(sealed);
      assert.deepEqual(opened.subarray(12), payload);
      assert.equal(RtpHeader.deSerialize(opened).sequenceNumber, index % 65_536);
    }
  });

  test(`${profile}: a packet sent again is byte by byte the same`, () => {
    const ours = sender();
    const first = ours.protectRtp(rtpHeader(7), Buffer.from('again'), 7);
    assert.deepEqual(ours.protectRtp(rtpHeader(7), Buffer.from('again'), 7), first);
    assert.notDeepEqual(ours.protectRtp(rtpHeader(8), Buffer.from('again'), 8), first);
  });

  test(`${profile}: another implementation reads our RTCP`, () => {
    const session = new SrtcpSession({ keys: peer(saltBytes), profile: number });
    const ours = sender();
    for (const index of [1, 2, 3]) {
      assert.deepEqual(session.decrypt(ours.protectRtcp(report(index), index)), report(index));
    }
  });

  test(`${profile}: RTCP of another implementation is read once, and never when a bit is changed`, () => {
    const session = new SrtcpSession({ keys: peer(saltBytes), profile: number });
    const ours = receiver();
    const sealed = session.encrypt(report(9));
    for (let bit = 0; bit < sealed.length * 8; bit += 7) {
      const damaged = Buffer.from(sealed);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(ours.open(damaged), null, `bit ${bit}`);
    }
    assert.deepEqual(Buffer.from(ours.open(sealed) ?? []), report(9));
    assert.equal(ours.open(sealed), null);
  });

  test(`${profile}: each source of RTCP counts by itself, and no more of them are heard than make sense`, () => {
    const ours = receiver();
    const of = (ssrc: number): Buffer => Buffer.from([0x80, 201, 0, 1, 0, 0, 0, ssrc]);
    const from = (ssrc: number, index: number) => ours.open(sender().protectRtcp(of(ssrc), index));
    assert.notEqual(from(1, 500), null);
    assert.deepEqual(Buffer.from(from(2, 1) ?? []), of(2));
    assert.equal(from(2, 1), null);
    assert.equal(from(1, 1), null, 'far behind what came');
    assert.notEqual(from(1, 501), null);
    for (let ssrc = 3; ssrc <= 16; ssrc += 1) assert.notEqual(from(ssrc, 1), null);
    assert.equal(from(17, 1), null);
    assert.notEqual(from(16, 2), null);
  });

  test(`${profile}: a packet cut short is refused`, () => {
    const ours = receiver();
    const sealed = sender().protectRtcp(report(1), 1);
    for (let length = 0; length < sealed.length; length += 1) assert.equal(ours.open(sealed.subarray(0, length)), null);
  });
}

test('AES-GCM seals the packet of RFC 7714 16.1.1 as shown there', () => {
  const key = createSecretKey(Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'));
  const keys = { key, salt: Buffer.from('517569642070726f2071756f', 'hex'), authKey: Buffer.alloc(0) };
  const header = Buffer.from('8040f17b8041f8d35501a0b2', 'hex');
  const sealed = sealRtpGcm(keys, header, Buffer.from('Gallia est omnis divisa in partes tres'), 0xf17b);
  assert.equal(
    sealed.toString('hex'),
    '8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce',
  );
});
