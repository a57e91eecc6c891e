import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { RtpHeader, SrtpSession } from 'werift';
import { createSrtpReceiver } from '../../../../src/core/srtp/srtp-receiver.js';

const masterKey = randomBytes(16);

for (const { profile, number, saltBytes } of [
  { profile: 'AEAD_AES_128_GCM', number: 7, saltBytes: 12 },
  { profile: 'AES_CM_128_HMAC_SHA1_80', number: 1, saltBytes: 14 },
] as const) {
  const salt = randomBytes(saltBytes);
  const receiver = () => createSrtpReceiver(profile, masterKey, salt);
  const sender = () => {
    const keys = {
      localMasterKey: masterKey,
      localMasterSalt: salt,
      remoteMasterKey: masterKey,
      remoteMasterSalt: salt,
    };
    return new SrtpSession({ keys, profile: number });
  };
  const seal = (
    session: SrtpSession,
    sequence: number,
    more: Partial<RtpHeader> = {},
    payload = `packet ${sequence}`,
  ) => {
    const header = { payloadType: 96, sequenceNumber: sequence & 0xffff, timestamp: 77, ssrc: 5, marker: true };
    return session.encrypt(Buffer.from(payload), new RtpHeader({ ...header, ...more }));
  };

  test(`${profile}: packets of another implementation are read, past the end of the sequence numbers and out of order`, () => {
    const session = sender();
    const ours = receiver();
    const sealed = Array.from({ length: 40 }, (_, n) => seal(session, 65_520 + n));
    [sealed[20], sealed[12]] = [sealed[12] ?? Buffer.alloc(0), sealed[20] ?? Buffer.alloc(0)];
    const opened = sealed.map((packet) => ours.open(packet));
    const payload = Buffer.from('packet 65520');
    assert.deepEqual(opened[0], { sequence: 65_520, rtpTs: 77, marker: true, payloadType: 96, ssrc: 5, payload });
    assert.ok(opened.every((packet) => packet !== null));
    assert.deepEqual(Buffer.from(opened[12]?.payload ?? []).toString(), 'packet 65540');
  });

  test(`${profile}: sources count by themselves; an extension is passed over and padding taken off`, () => {
    const session = sender();
    const ours = receiver();
    assert.equal(ours.open(seal(session, 60_000))?.ssrc, 5);
    assert.equal(ours.open(seal(session, 3, { ssrc: 6 }))?.ssrc, 6);
    const extensions = [{ id: 3, payload: Buffer.of(1, 2) }];
    const extended = ours.open(
      seal(session, 60_001, { extension: true, extensionProfile: 0xbede, extensions }, 'whole'),
    );
    assert.equal(Buffer.from(extended?.payload ?? []).toString(), 'whole');
    const padded = seal(session, 60_002, { padding: true }, `whole${String.fromCharCode(0, 0, 3)}`);
    assert.equal(Buffer.from(ours.open(padded)?.payload ?? []).toString(), 'whole');
  });

  test(`${profile}: a packet that was changed, cut or is none is refused, and changes nothing`, () => {
    const session = sender();
    const ours = receiver();
    const sealed = seal(session, 100);
    for (let bit = 0; bit < sealed.length * 8; bit += 5) {
      const damaged = Buffer.from(sealed);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(ours.open(damaged), null, `bit ${bit}`);
    }
    for (let length = 0; length < sealed.length; length += 1) assert.equal(ours.open(sealed.subarray(0, length)), null);
    for (const bytes of [0, 11, 12, 40, 200]) assert.equal(ours.open(randomBytes(bytes)), null);
    assert.equal(ours.open(sealed)?.sequence, 100);
  });
}
